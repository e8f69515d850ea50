//! Expectations about findings: whether one is there, and what it is about.

use super::expect::Expectation;
use super::fields::Spot;
use super::judge::Stage;
use super::mistake::{Mistake, did_you_mean};
use super::outcome::Checked;
use crate::finding::{Code, Finding};
use crate::network::Network;

impl Stage<'_> {
    pub(super) fn finding(
        &self,
        expectation: &Expectation,
        code: Code,
        at: Option<&str>,
        absent: bool,
    ) -> Checked {
        let of_code: Vec<_> = self.answer.findings.iter().filter(|finding| finding.code == code).collect();
        let found = of_code.iter().find(|finding| at.is_none_or(|at| self.is_about(finding, at)));
        let place = |finding: &Finding| {
            let subject = finding.subject.as_deref().unwrap_or("the input");
            format!("{code} at {subject}, {}: {}", finding.origin, finding.message)
        };
        let actual = match (found, of_code.first()) {
            (Some(finding), _) => format!("found {}", place(finding)),
            (None, Some(other)) => format!("not found; there is {}", place(other)),
            (None, None) => "not found".to_owned(),
        };
        Checked {
            line: expectation.origin.line,
            asked: expectation.question.to_string(),
            passed: found.is_some() != absent,
            expected: if absent { "not found" } else { "found" }.to_owned(),
            actual,
            decider: None,
            witness: None,
        }
    }

    /// What is wrong with a name that no finding can be about.
    pub(super) fn at(&self, at: &Spot<String>) -> Result<(), Mistake> {
        let Spot { value: at, origin } = at;
        let names = self.names();
        if names.iter().any(|name| name.eq_ignore_ascii_case(at)) {
            return Ok(());
        }
        let hint = did_you_mean(at, names.iter().map(String::as_str));
        let message = format!("`{at}` is no rule, security group, subnet or other name here{hint}");
        Err(Mistake::new(origin, message))
    }

    fn is_about(&self, finding: &Finding, at: &str) -> bool {
        let Some(subject) = &finding.subject else { return false };
        if subject.eq_ignore_ascii_case(at) {
            return true;
        }
        let last = |name: &str| name.rsplit('/').next().unwrap_or_default().to_lowercase();
        if last(subject) != last(at) {
            return false;
        }
        // `at` says more than the finding: the place tells whether it is the same.
        let rule = self.network.security_groups.iter().any(|group| {
            group.rules.rules.iter().any(|rule| {
                rule.origin == finding.origin
                    && at.eq_ignore_ascii_case(&format!("{}/{}", group.name(), rule.name))
            })
        });
        let subnet = self
            .network
            .subnets
            .iter()
            .any(|subnet| subnet.origin == finding.origin && subnet.name().eq_ignore_ascii_case(at));
        !at.contains('/') || rule || subnet
    }

    /// Every name that a finding can be about.
    fn names(&self) -> Vec<String> {
        let Network { virtual_networks, subnets, security_groups, route_tables, instances, .. } =
            self.network;
        let mut names: Vec<String> = Vec::new();
        for group in security_groups {
            names.push(group.name().to_owned());
            for rule in &group.rules.rules {
                names.push(rule.name.clone());
                names.push(format!("{}/{}", group.name(), rule.name));
            }
        }
        names.extend(subnets.iter().flat_map(|subnet| [subnet.id.name().to_owned(), subnet.name()]));
        names.extend(virtual_networks.iter().map(|network| network.id.name().to_owned()));
        names.extend(route_tables.iter().map(|table| table.id.name().to_owned()));
        let routes = route_tables.iter().flat_map(|table| &table.routes);
        names.extend(routes.map(|route| route.name.clone()));
        let peerings = virtual_networks.iter().flat_map(|network| &network.peerings);
        names.extend(peerings.map(|peering| peering.name.clone()));
        let ids = self.network.groups.keys().chain(self.network.interfaces.iter().map(|one| &one.id));
        names.extend(ids.map(|id| id.name().to_owned()));
        names.extend(instances.iter().map(|instance| instance.name.clone()));
        names.extend(self.answer.findings.iter().filter_map(|finding| finding.subject.clone()));
        names
    }
}
