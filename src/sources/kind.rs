//! What kind of file an input is, told from its content.

use super::json::Node;
use super::{arm, effective, terraform};
use crate::model::words;

words! {
    /// The kinds of files that users have around an API Management network.
    InputKind ("kind of input") {
        /// A template of Azure Resource Manager, also compiled from Bicep.
        Template = "arm" | "template",
        /// Resources as REST and az answer them.
        AzureJson = "azure" | "az" | "rest",
        /// Values for a template's parameters.
        Parameters = "parameters",
        /// A list of service tags.
        ServiceTags = "service-tags",
        /// A scenario file.
        Scenario = "scenario",
        /// `terraform show -json` of a plan.
        TerraformPlan = "terraform-plan",
        /// A state of Terraform.
        TerraformState = "terraform-state",
        /// Effective rules of an interface.
        EffectiveRules = "effective-nsg",
        /// Effective routes of an interface.
        EffectiveRoutes = "effective-routes",
        /// What an API Management instance says of its connections.
        NetworkStatus = "network-status",
        /// A flow log.
        FlowLog = "flow-log",
        /// A what-if result.
        WhatIf = "what-if",
        /// An error that Azure answered.
        ErrorBody = "error",
        /// Results of this program.
        Report = "report",
        /// Bicep source.
        Bicep = "bicep",
        /// A parameter file in Bicep.
        BicepParameters = "bicepparam",
        /// Terraform source.
        TerraformSource = "terraform-source",
        /// A plan file in Terraform's own form, or another archive.
        Archive = "archive",
        /// A web page.
        WebPage = "web-page",
        /// A table as `az --output table` prints it.
        Table = "table",
    }
}

impl InputKind {
    /// Whether this version reads it as an input of its own: then nothing else is to be done with it.
    pub fn is_read(self) -> bool {
        self.remedy().is_empty()
    }

    /// Whether ids in it are whole, so that several such files are one network.
    pub fn has_whole_ids(self) -> bool {
        matches!(self, Self::AzureJson | Self::EffectiveRules | Self::EffectiveRoutes | Self::NetworkStatus)
    }

    /// The kind with its article.
    pub fn described(self) -> &'static str {
        match self {
            Self::Template => "an ARM template",
            Self::AzureJson => "resources as az or REST answer them",
            Self::Parameters => "a parameter file of a template",
            Self::ServiceTags => "a list of service tags",
            Self::Scenario => "a scenario file",
            Self::TerraformPlan => "a Terraform plan",
            Self::TerraformState => "a Terraform state",
            Self::EffectiveRules => "a dump of effective rules",
            Self::EffectiveRoutes => "a dump of effective routes",
            Self::NetworkStatus => "a network status of API Management",
            Self::FlowLog => "a flow log",
            Self::WhatIf => "a what-if result",
            Self::ErrorBody => "an error that Azure answered",
            Self::Report => "a result of flowcheck",
            Self::Bicep => "Bicep source",
            Self::BicepParameters => "a Bicep parameter file",
            Self::TerraformSource => "Terraform source",
            Self::Archive => "a binary plan of Terraform or another archive",
            Self::WebPage => "a web page",
            Self::Table => "a table as `az --output table` prints it",
        }
    }

    /// What to do with a file of this kind instead; empty for one that is read.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Template
            | Self::AzureJson
            | Self::EffectiveRules
            | Self::EffectiveRoutes
            | Self::NetworkStatus
            | Self::WhatIf
            | Self::TerraformPlan
            | Self::TerraformState => "",
            Self::Parameters => "give the template as the input, and this file with `--parameters FILE`",
            Self::ServiceTags => "give it with `--service-tags FILE`, beside an input",
            Self::Scenario => "run it with `flowcheck test FILE`",
            Self::TerraformSource => {
                "make a plan of it with `terraform plan -out PLAN` and `terraform show -json PLAN > plan.json`, and give plan.json"
            }
            Self::FlowLog => "flow logs are not read yet; give the network security group",
            Self::ErrorBody => "correct the request, and give what it answers then",
            Self::Report => "give the file that the result was made from",
            Self::Bicep => {
                "compile it with `az bicep build --file FILE` and give the JSON file, or let --bicep compile it"
            }
            Self::BicepParameters => {
                "compile it with `az bicep build-params --file FILE` and give the JSON file with `--parameters`, or let --bicep compile it"
            }
            Self::Archive => {
                "if it is a plan of Terraform, print it with `terraform show -json PLAN > plan.json`, and give plan.json"
            }
            Self::WebPage => "give the raw file, not the page that shows it",
            Self::Table => "let az print JSON: `--output json`",
        }
    }
}

/// The kind of a JSON document, `None` where it is of no kind that is known.
pub(super) fn of_json(root: &Node) -> Option<InputKind> {
    use InputKind as K;
    let has = |key: &str| root.get(key).is_some_and(|value| !value.is_null());
    let text = |key: &str| root.get(key).and_then(Node::as_str).unwrap_or_default();
    let report = text("schema").starts_with("flowcheck/");
    let error = |node: &Node| node.get("code").and_then(Node::as_str).is_some();
    let change = root.get("changes").or_else(|| root.at(&["properties", "changes"]));
    Some(match root {
        _ if report => K::Report,
        _ if arm::is_parameter_file(root) => K::Parameters,
        _ if arm::is_template(exported(root)) || bare_template(root) => K::Template,
        _ if has("planned_values") || has("resource_changes") || terraform::is_list(root) => K::TerraformPlan,
        _ if has("terraform_version") || has("lineage") || root.at(&["values", "root_module"]).is_some() => {
            K::TerraformState
        }
        _ if has("values") && (has("changeNumber") || has("cloud")) => K::ServiceTags,
        _ if change.is_some_and(|list| list.items().iter().any(|item| item.get("changeType").is_some())) => {
            K::WhatIf
        }
        _ if effective::is_rules(root) => K::EffectiveRules,
        _ if effective::is_routes(root) => K::EffectiveRoutes,
        _ if effective::is_status(root) => K::NetworkStatus,
        _ if has("records") || has("flowRecords") || text("category").contains("Flow") => K::FlowLog,
        _ if root.get("error").is_some_and(error) || (error(root) && has("message") && !has("id")) => {
            K::ErrorBody
        }
        _ if super::rest::is_resource_list(root) => K::AzureJson,
        _ => return None,
    })
}

/// The template inside the answer of an export, else the document itself.
pub(super) fn exported(root: &Node) -> &Node {
    let inside = |key: &str| root.get(key).filter(|inner| arm::is_template(inner));
    if arm::is_template(root) { root } else { inside("template").or_else(|| inside("value")).unwrap_or(root) }
}

/// Resources of a template without the schema around them.
fn bare_template(root: &Node) -> bool {
    let kind = first_in(root, "resources").and_then(|item| item.get("type")).and_then(Node::as_str);
    kind.is_some_and(|kind| kind.contains('/'))
}

fn first_in<'n>(root: &'n Node, key: &str) -> Option<&'n Node> {
    root.get(key)?.items().first()
}

/// What a request answered, where the document is the recording of one, as the examples of Azure's API are:
/// `{"parameters": .., "responses": {"200": {"body": ..}}}`.
pub(super) fn answered(root: &Node) -> &Node {
    let responses = root.get("responses").map(Node::entries).unwrap_or_default();
    let body = responses.iter().find_map(|(_, response)| response.get("body")).unwrap_or(root);
    wrapped(body).unwrap_or(body)
}

/// What stands below the one key of an object that says nothing itself: `az network nsg create` prints
/// `{"NewNSG": {..}}`.
fn wrapped(root: &Node) -> Option<&Node> {
    let [(_, inner)] = root.entries() else { return None };
    (of_json(root).is_none() && of_json(inner).is_some()).then_some(inner)
}

/// The kind of a text that is no JSON, from how its lines begin.
pub(super) fn of_text(text: &str, file_name: &str) -> Option<InputKind> {
    use InputKind as K;
    let lower = file_name.to_ascii_lowercase();
    let ends = |suffix: &str| lower.ends_with(suffix);
    if text.starts_with("PK\u{3}\u{4}") {
        return Some(K::Archive);
    }
    let head = text.trim_start().get(..100).unwrap_or(text.trim_start()).to_ascii_lowercase();
    if head.starts_with("<!doctype") || head.starts_with("<html") || head.starts_with("<?xml") {
        return Some(K::WebPage);
    }
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).take(2_000);
    let kind = lines.find_map(line_kind);
    kind.or_else(|| {
        Some(match () {
            () if ends(".bicepparam") => K::BicepParameters,
            () if ends(".bicep") => K::Bicep,
            () if ends(".tf") || ends(".tfvars") => K::TerraformSource,
            () => return None,
        })
    })
}

/// What a line gives away.
fn line_kind(line: &str) -> Option<InputKind> {
    use InputKind as K;
    let mut words = line.split_whitespace();
    let (first, second, third) = (words.next()?, words.next().unwrap_or(""), words.next().unwrap_or(""));
    let quoted = |word: &str, quote: char| word.starts_with(quote);
    Some(match first {
        "using" if quoted(second, '\'') => K::BicepParameters,
        "resource" | "module" if quoted(third, '\'') => K::Bicep,
        "param" | "targetScope" if !second.is_empty() => K::Bicep,
        "resource" | "data" if quoted(second, '"') && quoted(third, '"') => K::TerraformSource,
        "variable" | "module" | "provider" | "output" if quoted(second, '"') => K::TerraformSource,
        "terraform" | "locals" if second == "{" => K::TerraformSource,
        "scenario:" | "expect:" => K::Scenario,
        _ if first.len() > 3 && first.bytes().all(|byte| byte == b'-') && quoted(second, '-') => K::Table,
        _ => return None,
    })
}
