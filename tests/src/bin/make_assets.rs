//! Rebuilds the embedded data: `make_assets SOURCE TARGET`, where SOURCE is the folder of Debian's
//! dataset-fashion-mnist and TARGET is core/assets/fashion-mnist.

use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [source, target] = arguments.as_slice() else {
        return Err("usage: make_assets SOURCE TARGET".into());
    };
    for (name, bytes) in prediction_depth_tests::embedded_data(Path::new(source))? {
        std::fs::write(Path::new(target).join(&name), &bytes)?;
        println!("{name}: {} bytes", bytes.len());
    }
    Ok(())
}
