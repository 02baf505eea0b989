//! Root-key response.
