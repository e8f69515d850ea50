//! From `data/flows/*.yaml` to Rust constants: read, check, emit.
//!
//! Used by the build script, and by `tests/catalogue_data.rs`, which shows that each fault is found.

pub(crate) mod check;
#[path = "../../src/flows/date.rs"]
#[allow(unreachable_pub, dead_code, reason = "shared with the crate, where all of it is public and used")]
pub(crate) mod date;
pub(crate) mod emit;
pub(crate) mod parse;
pub(crate) mod records;

use records::{
    CatalogueFile, ControlPlane, ControlPlaneFile, Dispute, DisputesFile, Feature, FeaturesFile, Parameter,
    ParametersFile, Record, Source, SourcesFile,
};
use serde::de::DeserializeOwned;

/// One record with its file and the catalogue it belongs to; tiers and modes of the file are filled in.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) file: String,
    pub(crate) catalogue: records::Catalogue,
    pub(crate) record: Record,
}

/// All data.
#[derive(Clone, Debug, Default)]
pub(crate) struct Data {
    pub(crate) entries: Vec<Entry>,
    pub(crate) sources: Vec<Source>,
    pub(crate) disputes: Vec<Dispute>,
    pub(crate) features: Vec<Feature>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) control_plane: Vec<ControlPlane>,
}

/// Reads every file, given as name and text, in the order of the names.
pub(crate) fn read(files: &[(String, String)]) -> Result<Data, Vec<String>> {
    let mut data = Data::default();
    let mut faults = Vec::new();
    for (name, text) in files {
        let read = match name.as_str() {
            "sources.yaml" => yaml(name, text).map(|file: SourcesFile| data.sources = file.sources),
            "disputes.yaml" => yaml(name, text).map(|file: DisputesFile| data.disputes = file.disputes),
            "features.yaml" => yaml(name, text).map(|file: FeaturesFile| data.features = file.features),
            "parameters.yaml" => {
                yaml(name, text).map(|file: ParametersFile| data.parameters = file.parameters)
            }
            "control-plane.yaml" => {
                yaml(name, text).map(|file: ControlPlaneFile| data.control_plane = file.locations)
            }
            _ => yaml(name, text).map(|file: CatalogueFile| {
                data.entries.extend(file.flows.into_iter().map(|mut record| {
                    if record.tiers.is_empty() {
                        record.tiers.clone_from(&file.tiers);
                    }
                    if record.modes.is_empty() {
                        record.modes.clone_from(&file.modes);
                    }
                    Entry { file: name.clone(), catalogue: file.catalogue, record }
                }));
            }),
        };
        faults.extend(read.err());
    }
    if faults.is_empty() { Ok(data) } else { Err(faults) }
}

fn yaml<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, String> {
    serde_saphyr::from_str(text).map_err(|error| format!("data/flows/{name}: {error}"))
}
