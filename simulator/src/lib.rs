//! An Alibaba Cloud account in a process.
