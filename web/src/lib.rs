//! Prediction depth.
