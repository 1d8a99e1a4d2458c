//! pdepth
fn main() {}
