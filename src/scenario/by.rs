//! Who an expectation says decides.

use super::fields::Spot;
use super::mistake::{Mistake, did_you_mean};
use crate::model::Layer;
use crate::network::Network;
use crate::rules::defaults;
use crate::walk::Decider;
use std::fmt;

/// The layers that decide without a rule.
const WORDS: [Layer; 4] = [Layer::Platform, Layer::Route, Layer::Peering, Layer::NoNsg];

/// A decider as an expectation names it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum By {
    /// A rule, and its group where it is written.
    Rule { group: Option<String>, rule: String, any_case: bool },
    /// A layer that decides without a rule.
    Layer(Layer),
}

impl By {
    /// Looks a name up: a rule as it is spelt, `group/rule`, one of the words, then rules in another case;
    /// then the same without a priority behind the name.
    pub(super) fn find(written: &Spot<String>, network: &Network) -> Result<Self, Mistake> {
        let text = written.value.trim();
        let rules = rules(network);
        if let Some(by) = Self::named(text, &rules).or_else(|| Self::named(without_priority(text), &rules)) {
            return Ok(by);
        }
        let names = rules.iter().map(|(_, rule)| rule.as_str());
        let hint = did_you_mean(without_priority(text), names.chain(WORDS.map(Layer::as_str)));
        let message =
            format!("there is no rule `{text}`, and it is none of platform, route, peering and no-nsg{hint}");
        Err(Mistake::new(&written.origin, message))
    }

    fn named(text: &str, rules: &[(String, String)]) -> Option<Self> {
        for any_case in [false, true] {
            let same = |a: &str, b: &str| if any_case { a.eq_ignore_ascii_case(b) } else { a == b };
            if rules.iter().any(|(_, rule)| same(rule, text)) {
                return Some(Self::Rule { group: None, rule: text.to_owned(), any_case });
            }
            if let Some((group, rule)) = text.split_once('/')
                && rules.iter().any(|(of, name)| same(of, group) && same(name, rule))
            {
                let (group, rule) = (Some(group.to_owned()), rule.to_owned());
                return Some(Self::Rule { group, rule, any_case });
            }
            if let Some(layer) = WORDS.into_iter().find(|layer| same(layer.as_str(), text)) {
                return Some(Self::Layer(layer));
            }
        }
        None
    }

    /// Whether this is the decider.
    pub(super) fn is(&self, decider: &Decider) -> bool {
        match self {
            Self::Layer(layer @ (Layer::Route | Layer::Peering)) => decider.layer == *layer,
            Self::Layer(layer) => decider.layer == *layer && decider.rule.is_none(),
            Self::Rule { group, rule, any_case } => {
                let same = |wanted: &str, found: Option<&String>| {
                    found.is_some_and(|found| {
                        if *any_case { found.eq_ignore_ascii_case(wanted) } else { found == wanted }
                    })
                };
                same(rule, decider.rule.as_ref())
                    && group.as_ref().is_none_or(|group| same(group, decider.nsg.as_ref()))
            }
        }
    }
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Layer(layer) => layer.fmt(f),
            Self::Rule { group: Some(group), rule, .. } => write!(f, "{group}/{rule}"),
            Self::Rule { group: None, rule, .. } => f.write_str(rule),
        }
    }
}

/// A decider in the words of `by`, so that an answer can be copied into an expectation: `AllowSql (110)`.
pub(super) fn in_words(decider: &Decider) -> String {
    match (&decider.rule, decider.priority) {
        (None, _) => decider.layer.as_str().to_owned(),
        (Some(_), _) if decider.layer == Layer::Peering => decider.layer.as_str().to_owned(),
        // Azure's own routes have no name.
        (Some(route), _) if decider.layer == Layer::Route && route.contains("->") => "route".to_owned(),
        (Some(route), _) if decider.layer == Layer::Route => route.clone(),
        (Some(rule), Some(priority)) => format!("{rule} ({priority})"),
        (Some(rule), None) => format!("{rule} (?)"),
    }
}

/// A rule's name without the priority that an answer shows behind it.
pub(super) fn without_priority(text: &str) -> &str {
    match text.strip_suffix(')').and_then(|text| text.rsplit_once(" (")) {
        Some((name, priority)) if priority == "?" || priority.parse::<i64>().is_ok() => name.trim_end(),
        _ => text,
    }
}

/// Group and name of every rule, table and name of every route; the default rules are there even where no group
/// is.
fn rules(network: &Network) -> Vec<(String, String)> {
    let of_groups = network
        .security_groups
        .iter()
        .flat_map(|group| group.rules.rules.iter().map(|rule| (group.name().to_owned(), rule.name.clone())));
    let place = crate::model::Origin::command_line("defaults");
    let defaults = defaults::rules(&place).into_iter().map(|rule| (String::new(), rule.name));
    let admin = &network.effective.admin;
    let of_managers = admin.iter().flat_map(|manager| {
        let names = manager.rules.rules.iter().map(|rule| rule.name.clone());
        names.map(|rule| (manager.manager.name().to_owned(), rule))
    });
    let of_tables = network
        .route_tables
        .iter()
        .flat_map(|table| table.routes.iter().map(|route| (table.id.name().to_owned(), route.name.clone())));
    of_groups.chain(of_managers).chain(defaults).chain(of_tables).collect()
}
