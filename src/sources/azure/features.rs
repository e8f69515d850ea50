//! Features of an instance that its resources show to be on, by their names in the catalogue.
//!
//! Only what is certain: a feature that is not listed is not known to be off.

use crate::model::Fact;
use crate::sources::arm::Resource;
use crate::sources::json::Node;
use crate::sources::values::{Value, field};
use std::collections::HashMap;

/// A child resource that shows a feature: its type, a property and the values that tell, the feature.
const CHILDREN: &[(&str, Option<(&str, &str)>, &str)] = &[
    ("Microsoft.ApiManagement/service/loggers", Some(("loggerType", "azureEventHub")), "eventhub-log"),
    ("Microsoft.ApiManagement/service/loggers", Some(("loggerType", "applicationInsights")), "app-insights"),
    ("Microsoft.ApiManagement/service/identityProviders", Some(("type", "aad")), "entra"),
    ("Microsoft.ApiManagement/service/authorizationProviders", None, "credential-manager"),
];
/// Child resources whose `keyVault` shows that the instance reads a vault.
const VAULT_READERS: [&str; 2] =
    ["Microsoft.ApiManagement/service/namedValues", "Microsoft.ApiManagement/service/certificates"];

/// The features of one instance.
pub(super) fn of(resource: &Resource, shown: &Shown) -> Vec<String> {
    let mut features: Vec<String> = Vec::new();
    let mut add = |feature: &str| {
        if !features.iter().any(|known| known == feature) {
            features.push(feature.to_owned());
        }
    };
    if let Value::Is(hosts) = field(&resource.body, "hostnameConfigurations") {
        for host in hosts.items() {
            let source = host.get("certificateSource").and_then(Node::as_str).unwrap_or_default();
            let vault = host.get("keyVaultId").and_then(Node::as_text).unwrap_or_default();
            if !vault.trim().is_empty() || source.eq_ignore_ascii_case("KeyVault") {
                add("custom-domain-kv");
            }
            if source.eq_ignore_ascii_case("Managed") {
                add("managed-cert");
            }
        }
    }
    for feature in shown.get(&resource.id.key()).into_iter().flatten() {
        add(feature);
    }
    features
}

/// Features by the id of the instance whose child resources show them.
pub(super) type Shown = HashMap<String, Vec<&'static str>>;

/// Looks through the child resources of all instances.
pub(super) fn shown(resources: &[Resource]) -> Shown {
    let mut shown = Shown::new();
    let certain = |child: &&Resource| !child.existing && child.exists == Fact::Known(true);
    for child in resources.iter().filter(certain) {
        let of_kind = |kind: &str| child.kind.eq_ignore_ascii_case(kind);
        let tells = |property: &Option<(&str, &str)>| {
            property.is_none_or(|(key, value)| {
                let found = field(&child.body, key).is().and_then(Node::as_str);
                found.is_some_and(|found| found.eq_ignore_ascii_case(value))
            })
        };
        let by_kind = CHILDREN.iter().find(|(kind, property, _)| of_kind(kind) && tells(property));
        let reads_vault =
            VAULT_READERS.iter().any(|kind| of_kind(kind)) && field(&child.body, "keyVault").is().is_some();
        let feature = by_kind.map(|(_, _, feature)| *feature).or(reads_vault.then_some("kv-refs"));
        if let (Some(feature), Some(instance)) = (feature, child.id.parent()) {
            shown.entry(instance.key()).or_default().push(feature);
        }
    }
    shown
}
