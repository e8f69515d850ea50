//! Public examples, where they lie beside the project: every template yields its resources.

use crate::sources::arm::{expand, is_template};
use crate::sources::json::read;
use crate::sources::tests::corpus::folder;
use std::path::PathBuf;

#[test]
fn every_public_template_yields_resources() {
    let Some(folder) = folder() else { return };
    let mut seen = 0;
    for kind in ["arm", "arm-apim", "bicep-compiled", "bicep-symbolic", "derived-apim-bicep", "psrule"] {
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(folder.join(kind)).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for path in files {
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let document = read(&name.as_str().into(), &text).unwrap();
            if !is_template(&document.root) {
                continue;
            }
            seen += 1;
            let expansion = expand(&document.root, &[]);
            if std::env::var_os("FLOWCHECK_PRINT").is_some() {
                println!("== {kind}/{name}: {} resources", expansion.resources.len());
                for one in &expansion.resources {
                    let id = one.id.as_str().replace(
                        "/subscriptions/${subscription().subscriptionId}/resourceGroups/${resourceGroup().name}",
                        "~",
                    );
                    println!(
                        "   {id} {:?} {:?} existing={}",
                        one.exists.known(),
                        one.origin.within,
                        one.existing
                    );
                }
                for finding in &expansion.findings {
                    println!("   ! {} {} {}", finding.origin, finding.code, finding.message);
                }
                for gap in &expansion.missing {
                    println!("   ? {gap}");
                }
            }
            assert!(!expansion.resources.is_empty(), "{name}");
        }
    }
    assert!(seen > 20, "only {seen} templates were read");
}
