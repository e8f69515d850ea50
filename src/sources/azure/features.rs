//! Features of an instance that its resources show to be on, by their names in the catalogue.
//!
//! Only what is certain: a feature that is not listed is not known to be off.

use super::instances::SERVICE;
use crate::model::Fact;
use crate::sources::Resource;
use crate::sources::json::Node;
use crate::sources::values::{Value, field};
use std::collections::HashMap;

/// A child resource that shows a feature.
struct Sign {
    /// The type of the child, below the instance's own.
    kind: &'static str,
    /// A property and the value that tells; none where the child's presence tells.
    tells: Option<(&'static str, &'static str)>,
    /// The feature.
    feature: &'static str,
}

const SIGNS: &[Sign] = &[
    Sign { kind: "loggers", tells: Some(("loggerType", "azureEventHub")), feature: "eventhub-log" },
    Sign { kind: "loggers", tells: Some(("loggerType", "applicationInsights")), feature: "app-insights" },
    Sign { kind: "identityProviders", tells: Some(("type", "aad")), feature: "entra" },
    Sign { kind: "authorizationProviders", tells: None, feature: "credential-manager" },
    Sign { kind: "namedValues", tells: None, feature: KEY_VAULT },
    Sign { kind: "certificates", tells: None, feature: KEY_VAULT },
];
/// Shown by children with a `keyVault` of their own.
const KEY_VAULT: &str = "kv-refs";

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
        let Some(kind) = child_kind(&child.kind) else { continue };
        let says = |key: &str| field(&child.body, key).is();
        let shows = |sign: &&Sign| {
            sign.kind.eq_ignore_ascii_case(kind)
                && (sign.feature != KEY_VAULT || says("keyVault").is_some())
                && sign.tells.is_none_or(|(key, value)| {
                    says(key).and_then(Node::as_str).is_some_and(|found| found.eq_ignore_ascii_case(value))
                })
        };
        if let (Some(sign), Some(instance)) = (SIGNS.iter().find(shows), child.id.parent()) {
            shown.entry(instance.key()).or_default().push(sign.feature);
        }
    }
    shown
}

/// The last part of the type, for a direct child of an instance.
fn child_kind(kind: &str) -> Option<&str> {
    let (head, rest) = kind.split_at_checked(SERVICE.len())?;
    let child = rest.strip_prefix('/').filter(|_| head.eq_ignore_ascii_case(SERVICE))?;
    (!child.contains('/')).then_some(child)
}
