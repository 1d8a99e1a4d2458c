//! Tests that every WGSL shader is valid; needs no GPU.

use naga::valid::{Capabilities, ValidationFlags, Validator};
use prediction_depth::search::{DISTANCES_F16_WGSL, DISTANCES_WGSL, GATHER_WGSL, SELECT_WGSL};

const SHADERS: [&str; 4] = [DISTANCES_WGSL, DISTANCES_F16_WGSL, SELECT_WGSL, GATHER_WGSL];

fn validate(wgsl: &str) -> Result<(), String> {
    let module = naga::front::wgsl::parse_str(wgsl).map_err(|error| error.emit_to_string(wgsl))?;
    let mut validator = Validator::new(ValidationFlags::all(), Capabilities::empty());
    validator.validate(&module).map(drop).map_err(|error| error.emit_to_string(wgsl))
}

#[test]
fn shaders_are_valid_without_any_capability() {
    for wgsl in SHADERS {
        validate(wgsl).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn every_wgsl_file_is_part_of_a_validated_shader() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../core/src/search/gpu");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).expect("the search's folder").flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "wgsl") {
            let text = std::fs::read_to_string(entry.path()).expect("a readable shader");
            assert!(SHADERS.iter().any(|wgsl| wgsl.contains(&text)), "{}", entry.path().display());
            seen += 1;
        }
    }
    assert_eq!(seen, 6);
}

#[test]
fn a_broken_shader_is_found() {
    assert!(validate(&DISTANCES_WGSL.replace("workgroupBarrier()", "workgroupBarier()")).is_err());
    assert!(validate(&SELECT_WGSL.replace("query * task.slots + slot", "f32(query)")).is_err());
}
