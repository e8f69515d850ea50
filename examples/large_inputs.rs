//! Writes the large inputs of the figures in `docs/performance.md`. The same bytes every time.
//!
//! `cargo run --release --example large_inputs -- FOLDER [plan|templates|worst]...`
//!
//! - `plan`: a plan of Terraform of 50 MiB;
//! - `templates`: a directory with 500 templates of 30 kB;
//! - `worst`: files of 64 MiB that hold as many values, levels, keys, resources or faults as fit, and others that
//!   ask for a great deal of work; each is to end within 10 seconds and a gibibyte.

#[path = "../benches/support/inputs.rs"]
mod inputs;

use std::path::{Path, PathBuf};
use std::{env, fs, io};

const LARGEST: usize = 64 << 20;

fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap_or_else(|| "target/inputs".to_owned()));
    fs::create_dir_all(&folder)?;
    let asked: Vec<String> = arguments.collect();
    let is_asked = |what: &str| asked.is_empty() || asked.iter().any(|one| one == what);
    if is_asked("plan") {
        fs::write(folder.join("plan.json"), inputs::plan(50 << 20))?;
    }
    if is_asked("templates") {
        let templates = folder.join("templates");
        fs::create_dir_all(&templates)?;
        for number in 0..500 {
            fs::write(templates.join(format!("{number:03}.json")), inputs::template(30_000, number))?;
        }
    }
    if is_asked("worst") {
        worst(&folder.join("worst"))?;
    }
    Ok(())
}

fn worst(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let template = |inside: &str| {
        format!(
            "{{\"$schema\":\"deploymentTemplate.json#\",\"contentVersion\":\"1\",\"resources\":[{inside}]}}"
        )
    };
    let group = "{\"type\":\"Microsoft.Network/networkSecurityGroups\",\"name\":\"a\",\"properties\":{\"securityRules\":[@]}}";
    let plan = "{\"planned_values\":{\"root_module\":{\"resources\":[@]}}}";
    let subnet = "{\"address\":\"azurerm_subnet.a\",\"mode\":\"managed\",\"type\":\"azurerm_subnet\",\"name\":\"a\",\"values\":{}}";
    for (name, around, each) in [
        ("zeros", "[@]", "0"),
        ("lists", "[@]", "[]"),
        ("lists-of-one", "[@]", "[0]"),
        ("objects", "[@]", "{}"),
        ("empty-keys", "{@}", "\"\":0"),
        ("values", "{\"value\":[@]}", "{}"),
        ("texts", "[@]", "\"\""),
        ("resources", "[@]", "{\"type\":\"a.b/c\"}"),
        ("groups", "[@]", "{\"type\":\"Microsoft.Network/networkSecurityGroups\"}"),
        ("left-out", "[{\"type\":\"Microsoft.Network/routeTables\"},@]", "0"),
        ("rules", group, "{}"),
        ("rules-of-numbers", group, "0"),
        ("rows", "{\"data\":{\"columns\":[{\"name\":\"id\"}],\"rows\":[@]}}", "[]"),
        ("routes", "{\"value\":[@]}", "{\"nextHopType\":\"\",\"addressPrefix\":[]}"),
        ("plan", plan, "{\"type\":\"azurerm_subnet\",\"name\":\"a\"}"),
        ("plan-subnets", plan, subnet),
        ("plan-null", plan, "{\"type\":\"null_resource\"}"),
        ("template-zeros", &template("@"), "0"),
        ("template-resources", &template("@"), "{\"type\":\"a.b/c\",\"name\":\"a\"}"),
        ("template-rules", &template(group), "{}"),
    ] {
        fs::write(folder.join(format!("{name}.json")), filled(around, each))?;
    }
    fs::write(folder.join("keys.json"), numbered("{@}", |number| format!("\"{number}\":0")))?;
    fs::write(folder.join("numbers.json"), numbered("[@]", |number| format!("\"{number}\"")))?;
    let parameters = "{\"$schema\":\"deploymentTemplate.json#\",\"contentVersion\":\"1\",\"resources\":[],\"parameters\":{@}}";
    fs::write(folder.join("parameters.json"), numbered(parameters, |number| format!("\"{number}\":{{}}")))?;
    fs::write(folder.join("depth.json"), "[".repeat(LARGEST))?;
    fs::write(folder.join("text.json"), format!("[\"{}\"]", "a".repeat(LARGEST - 4)))?;
    fs::write(folder.join("escapes.json"), format!("[\"{}\"]", "\\n".repeat(LARGEST / 2 - 2)))?;
    fs::write(folder.join("too-large.json"), " ".repeat(LARGEST + 1))?;
    let wide: Vec<u8> = std::iter::once(0xfeff)
        .chain(filled("[@]", "0")[..LARGEST / 2 - 2].encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    fs::write(folder.join("wide.json"), wide)
}

/// A text as large as may be, with `each` again and again at the mark.
fn filled(around: &str, each: &str) -> String {
    numbered(around, |_| each.to_owned())
}

fn numbered(around: &str, each: impl Fn(usize) -> String) -> String {
    let (before, behind) = around.split_once('@').unwrap_or((around, ""));
    let mut text = String::with_capacity(LARGEST);
    text.push_str(before);
    for number in 0.. {
        let next = each(number);
        if text.len() + next.len() + 1 + behind.len() > LARGEST {
            break;
        }
        if number > 0 {
            text.push(',');
        }
        text.push_str(&next);
    }
    text.push_str(behind);
    text
}
