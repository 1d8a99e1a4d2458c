//! The state of the page: study, view, edits, training. Plain data, changed by methods that return the
//! [`Change`](change::Change), without a document, and tested natively.

pub mod action;
pub mod change;
pub mod derived;
pub mod desk;
pub mod edit;
pub mod edits_url;
pub mod glance;
pub mod job;
pub mod measured;
pub mod opened;
pub mod page;
pub mod probe_image;
pub mod reports;
pub mod selection;
pub mod sliders;
pub mod tools;
pub mod training;
pub mod view;
pub mod voters;
