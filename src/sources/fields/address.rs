//! Addresses of one side of a rule (S28 to S37).

use super::{Reader, SideKeys};
use crate::finding::Code;
use crate::model::{Fact, Gap};
use crate::rules::{AddressTerm, Written};
use crate::sources::json::{Kind, Node};
use crate::sources::values::{Value, direct, gap_of};
use ipnet::IpNet;
use std::net::IpAddr;
use std::sync::Arc;

/// An address of which nothing is known.
pub(super) fn unknown(gap: &Gap) -> Written<AddressTerm> {
    Written::singular(AddressTerm::Unknown(gap.clone()))
}

/// What a text can be before anyone looks up tags.
enum Text {
    Term(AddressTerm),
    Bare(IpAddr),
    Refused(&'static str),
}

/// Reads a text as Azure does: `*`, an address, a prefix, or a word that could be a tag.
fn classify(text: &str) -> Text {
    if text == "*" {
        return Text::Term(AddressTerm::Any);
    }
    if text.eq_ignore_ascii_case("Any") {
        return Text::Term(AddressTerm::LiteralAny);
    }
    if let Ok(address) = text.parse::<IpAddr>() {
        return Text::Bare(address);
    }
    if let Ok(net) = text.parse::<IpNet>() {
        return Text::Term(AddressTerm::Prefix { net: net.trunc(), host_bits: net != net.trunc() });
    }
    if let Some((first, last)) = text.split_once('-')
        && let (Ok(first), Ok(last)) = (first.trim().parse(), last.trim().parse())
    {
        return Text::Term(AddressTerm::DashRange { first, last });
    }
    if text.contains(',') {
        return Text::Refused(
            "a list of addresses in one string is refused by Azure; it goes in the plural field",
        );
    }
    let could_be_tag = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ' '));
    if could_be_tag {
        return Text::Term(AddressTerm::Tag(text.to_owned()));
    }
    Text::Refused("it is neither *, an address, a prefix such as 10.0.0.0/24, nor a service tag")
}

impl Reader<'_, '_> {
    /// The addresses, tags and groups of a side, from its three fields.
    pub(super) fn addresses(&mut self, keys: &SideKeys) -> Vec<Written<AddressTerm>> {
        let mut terms = Vec::new();
        match self.field(keys.prefix) {
            Value::Unset => {}
            Value::Open(gap) => terms.push(unknown(&gap)),
            Value::Is(node) => {
                terms.extend(
                    self.singular(node, keys.prefix, |reader, item| reader.address(item, keys.prefix)),
                );
            }
        }
        let found = self.field(keys.prefixes);
        match self.faults.list(found, keys.prefixes, self.rule) {
            Value::Unset => {}
            Value::Open(gap) => terms.push(Written::plural(AddressTerm::Unknown(gap))),
            Value::Is((items, _)) => {
                for item in items {
                    terms.extend(self.address(item, keys.prefixes).map(Written::plural));
                }
            }
        }
        self.expand(keys, &mut terms);
        self.groups(keys.groups, &mut terms);
        if terms.is_empty() {
            // S37: never "any".
            let gap = self.missing(&format!("{} address", keys.side));
            terms.push(unknown(&gap));
        }
        terms
    }

    /// S139: in a dump of effective rules, what the tags of a side stand for. The platform's own tags are not
    /// addresses of ordinary traffic (S100). A dump names tags in its lists, as Azure does not let people do.
    fn expand(&mut self, keys: &SideKeys, terms: &mut [Written<AddressTerm>]) {
        let key = keys.expanded;
        let found = self.field(key);
        let prefixes = match self.faults.list(found, key, self.rule) {
            Value::Unset => return,
            Value::Open(gap) => Err(gap),
            Value::Is((items, _)) => match self.faults.prefixes(items, key, self.rule) {
                Fact::Known(nets) => Ok(Arc::from(nets)),
                Fact::Unknown(gap) => Err(gap),
            },
        };
        for written in terms {
            let AddressTerm::Tag(tag) = &written.value else { continue };
            if AddressTerm::names_platform(tag) {
                continue;
            }
            *written = match &prefixes {
                Ok(prefixes) => Written::singular(AddressTerm::Expanded {
                    tag: tag.clone(),
                    prefixes: Arc::clone(prefixes),
                }),
                Err(gap) => Written::singular(AddressTerm::Unknown(gap.clone())),
            };
        }
    }

    /// S46: application security groups by id.
    fn groups(&mut self, key: &str, terms: &mut Vec<Written<AddressTerm>>) {
        let found = self.field(key);
        match self.faults.list(found, key, self.rule) {
            Value::Unset => {}
            Value::Open(gap) => terms.push(Written::plural(AddressTerm::Unknown(gap))),
            Value::Is((items, _)) => {
                for item in items {
                    let found = direct(item, "id");
                    let term = match self.faults.id(found, key, self.rule) {
                        Value::Is(id) => AddressTerm::Group(id),
                        Value::Open(gap) => AddressTerm::Unknown(gap),
                        Value::Unset => {
                            let expected = "an object with `id`";
                            AddressTerm::Unknown(self.faults.wrong_type(item, key, self.rule, expected))
                        }
                    };
                    terms.push(Written::plural(term));
                }
            }
        }
    }

    /// One address; `None` where nothing is written.
    fn address(&mut self, node: &Node, field: &str) -> Option<AddressTerm> {
        let text = match node.kind() {
            Kind::Null => return None,
            Kind::String(text) if text.trim().is_empty() => return None,
            Kind::String(text) => text.trim(),
            Kind::Symbol(_) | Kind::Unknown(_) => return Some(AddressTerm::Unknown(gap_of(node))),
            _ => {
                let expected = "an address, a prefix or a tag as a string";
                return Some(AddressTerm::Unknown(self.faults.wrong_type(node, field, self.rule, expected)));
            }
        };
        Some(match classify(text) {
            Text::Term(term) => term,
            Text::Bare(address) => {
                let net = IpNet::from(address);
                let message = format!("`{text}` in the rule `{}` is the one address {net}", self.rule);
                self.faults.note(Code::BareAddress, node, self.rule, message);
                AddressTerm::Prefix { net, host_bits: false }
            }
            Text::Refused(why) => AddressTerm::Unknown(self.refused(Code::AddressText, node, text, why)),
        })
    }
}
