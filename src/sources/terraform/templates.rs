//! Deployments of ARM templates by Terraform: a stated gap. What such a template holds is not in the input.

use super::document::Instance;
use super::kinds::Role;
use super::values::Said;
use crate::finding::{Code, Finding};

/// Providers whose resources in a template say something about a network.
const PROVIDERS: [&str; 2] = ["microsoft.network/", "microsoft.apimanagement/"];

/// A finding for a deployment whose template holds, or may hold, resources of a network.
pub(super) fn unread(instance: &Instance) -> Option<Finding> {
    let Role::Template(attribute) = instance.role else { return None };
    if instance.data {
        return None;
    }
    let address = instance.attribute(attribute);
    let (message, fix) = match instance.values().get(attribute) {
        Said::Is(values) => {
            let text = values.known?.as_str()?.to_ascii_lowercase();
            let holds_any = PROVIDERS.iter().any(|provider| text.contains(provider));
            let fix = "write the text to a file of its own and give that file too";
            holds_any.then(|| {
                (
                    format!(
                        "the ARM template in `{address}` is not read, so its resources are not in the input"
                    ),
                    fix,
                )
            })?
        }
        Said::Open(why, _) => (
            format!("{}: an ARM template whose resources are not in the input", why.gap(&address).missing()),
            "give the template too",
        ),
        Said::Unset => return None,
    };
    let mut finding = Finding::new(Code::UnknownReference, &instance.place.origin(), message);
    finding.fix = Some(fix.to_owned());
    Some(finding.about(&*instance.address))
}
