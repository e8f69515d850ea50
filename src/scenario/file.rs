//! A scenario file as typed: every key read, nothing looked up yet.

use super::expect::{self, Expectation};
use super::fields::{COMMA, Fields, Spot, named, texts};
use super::mistake::{Mistake, Mistakes};
use super::place_form::{self, InstanceForm, NetworkForm, prefixes};
use super::yaml::{self, Node, Value};
use crate::flows::{ParameterValues, Profile};
use crate::model::{Cloud, Origin};
use ipnet::IpNet;
use std::sync::Arc;

/// A scenario file whose every key could be read.
#[derive(Clone, Debug)]
pub struct ScenarioFile {
    /// The title.
    pub title: String,
    /// The instance.
    pub instance: Option<InstanceForm>,
    /// The network, alone or on top of the input.
    pub network: Option<NetworkForm>,
    /// A file that holds the network, relative to the scenario.
    pub input: Option<Spot<String>>,
    /// A parameter file for the input.
    pub parameters: Option<Spot<String>>,
    /// Template parameters by name.
    pub set: Vec<(String, String)>,
    /// A service tag file; the one of the program where none is named.
    pub tags: Option<Spot<String>>,
    /// Values of the catalogue's parameters.
    pub params: ParameterValues,
    /// The state of the documents that counts.
    pub profile: Profile,
    /// The cloud, where it is written.
    pub cloud: Option<Spot<Cloud>>,
    /// Address space of networks whose own the input does not show.
    pub vnet_prefixes: Vec<IpNet>,
    /// Prefixes of subnets whose own the input does not show.
    pub subnet_prefixes: Vec<IpNet>,
    /// Address space of peers that the input does not show.
    pub peer_prefixes: Vec<IpNet>,
    /// What is expected, in order of the file.
    pub expectations: Vec<Expectation>,
    /// The file's first place.
    pub origin: Origin,
}

const KEYS: &[&str] = &[
    "scenario",
    "apim",
    "network",
    "input",
    "parameters",
    "set",
    "tags",
    "params",
    "profile",
    "cloud",
    "vnet_prefixes",
    "subnet_prefixes",
    "peer_prefixes",
    "properties",
    "expect",
];

impl ScenarioFile {
    /// Reads a scenario file.
    ///
    /// # Errors
    /// Every mistake of the file that reading shows, in its order.
    pub fn read(file: &Arc<str>, text: &str) -> Result<Self, Vec<Mistake>> {
        let Draft { scenario, mistakes, .. } = Draft::read(file, text)?;
        mistakes.settle(Some(scenario))
    }
}

/// A scenario file as far as it could be read, and what is wrong so far.
pub(super) struct Draft {
    /// The file; what could not be read is left out.
    pub(super) scenario: ScenarioFile,
    /// Every expectation, those that could not be read whole among them.
    pub(super) expectations: Vec<expect::Draft>,
    pub(super) mistakes: Mistakes,
}

impl Draft {
    /// Reads a scenario file.
    ///
    /// # Errors
    /// Why there is nothing to go on with.
    pub(super) fn read(file: &Arc<str>, text: &str) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Mistakes::default();
        let node = yaml::read(file, text).map_err(|mistake| vec![mistake])?;
        match scenario(&node, &mut mistakes) {
            Some((scenario, expectations)) => Ok(Self { scenario, expectations, mistakes }),
            None => Err(mistakes.into_list()),
        }
    }
}

fn scenario(node: &Node, mistakes: &mut Mistakes) -> Option<(ScenarioFile, Vec<expect::Draft>)> {
    if matches!(node.value, Value::Nothing) {
        return mistakes.add(&node.origin, "the file is empty: a scenario needs `scenario` and `expect`");
    }
    let fields = Fields::of(node, "a scenario", KEYS, mistakes)?;
    let title = fields.text("scenario", "a title", mistakes);
    if fields.lacks("scenario", mistakes) {
        mistakes.add::<()>(&node.origin, "`scenario` is missing: the title, one sentence");
    }
    let instance = fields.get("apim").and_then(|node| place_form::instance(node, mistakes));
    let network = fields.get("network").and_then(|node| place_form::network(node, mistakes));
    let input = fields.text("input", "a file's name", mistakes);
    if fields.lacks("network", mistakes) && fields.lacks("input", mistakes) {
        mistakes.add::<()>(&node.origin, "there is neither a `network` nor an `input`");
    }
    let parameters = fields.text("parameters", "a file's name", mistakes);
    for key in ["parameters", "set"] {
        if let (Some(origin), true) = (fields.key(key), fields.lacks("input", mistakes)) {
            mistakes.note::<()>(origin, format!("`{key}` has a use with `input` only"));
        }
    }
    let set = fields.get("set").map(|node| named(node, "a value", false, mistakes)).unwrap_or_default();
    let set = set.iter().filter_map(|entry| match &entry.value.value {
        Value::Text(text) => Some((entry.key.clone(), text.clone())),
        _ => mistakes.add(&entry.value.origin, format!("expected a text, found {}", entry.value.kind())),
    });
    let set = set.collect();
    let tags = fields.text("tags", "`builtin` or a service tag file", mistakes);
    let params = fields.get("params").map(|node| params(node, mistakes)).unwrap_or_default();
    let profile = fields.text("profile", "a date or `seed`", mistakes);
    let profile = profile.and_then(|spot| mistakes.take(&spot.origin, spot.value.parse::<Profile>()));
    let cloud = fields.word("cloud", mistakes);
    let mut nets = |key| fields.get(key).map(|node| prefixes(node, mistakes)).unwrap_or_default();
    let (vnet_prefixes, subnet_prefixes, peer_prefixes) =
        (nets("vnet_prefixes"), nets("subnet_prefixes"), nets("peer_prefixes"));
    let mut expectations = fields.get("expect").map(|node| expect::list(node, mistakes)).unwrap_or_default();
    if let Some(node) = fields.get("properties") {
        expectations.extend(expect::properties(node, mistakes));
    }
    if fields.lacks("expect", mistakes) && fields.lacks("properties", mistakes) {
        mistakes.add::<()>(&node.origin, "`expect` is missing: a scenario states at least one expectation");
    }
    let scenario = ScenarioFile {
        title: title.map_or_else(|| node.origin.file.to_string(), |title| title.value),
        instance,
        network,
        input,
        parameters,
        set,
        tags: tags.filter(|spot| !spot.value.eq_ignore_ascii_case("builtin")),
        params,
        profile: profile.unwrap_or_default(),
        cloud,
        vnet_prefixes,
        subnet_prefixes,
        peer_prefixes,
        expectations: expectations.iter().filter_map(expect::Draft::whole).collect(),
        origin: node.origin.clone(),
    };
    Some((scenario, expectations))
}

fn params(node: &Node, mistakes: &mut Mistakes) -> ParameterValues {
    let mut values = ParameterValues::default();
    for entry in named(node, "a value", false, mistakes) {
        if let Err(error) = crate::flows::parameter(&entry.key) {
            let hint = match entry.value.value {
                Value::Nothing => format!("; {COMMA}"),
                _ => String::new(),
            };
            mistakes.add::<()>(&entry.origin, format!("{error}{hint}"));
            continue;
        }
        for spot in texts(&entry.value, "addresses", mistakes) {
            mistakes.take(&spot.origin, values.add(&entry.key, &spot.value));
        }
    }
    values
}
