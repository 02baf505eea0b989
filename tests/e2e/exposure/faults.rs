//! What goes wrong on the way: a region that does not answer, a product that is denied, throttling, listings that lie, things that go.
