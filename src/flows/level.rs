//! How much a row matters, and what its loss weighs in one situation.

use super::{FeatureState, Profile, Row, Situation};
use crate::finding::Severity;
use crate::model::words;

words! {
    /// The catalogue that a row belongs to.
    Catalogue ("catalogue") {
        /// Classic injection, core.
        ClassicCore = "classic-core",
        /// Classic injection, by feature.
        ClassicFeatures = "classic-features",
        /// Classic injection, upkeep of the machines.
        ClassicUpkeep = "classic-upkeep",
        /// The v2 tiers.
        V2 = "v2",
        /// Workspace gateways.
        Workspace = "workspace",
        /// Self-hosted gateways.
        SelfHosted = "self-hosted",
        /// Callers by a private endpoint.
        PrivateEndpoint = "private-endpoint",
    }
}

words! {
    /// How much a row matters.
    Level ("level") {
        /// The service does not work without it.
        Required = "required",
        /// Required where one of its features is on.
        RequiredIf = "required-if",
        /// The documents want it, but tie no failure to it.
        Recommended = "recommended",
        /// A feature needs it, the service does not.
        OptionalFeature = "optional-feature",
        /// The documents contradict each other.
        Disputed = "disputed",
    }
}

words! {
    /// How the documents mark a row.
    Documented ("mark") {
        /// In bold in the reference table, which stands for necessary.
        Bold = "bold",
        /// A row of a table.
        Table = "table",
        /// A sentence.
        Prose = "prose",
        /// Not at all.
        None = "none",
    }
}

/// What a flow has lost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Loss {
    /// All of it, part of its core, or part of a remote that has no core.
    Needed,
    /// A part beside its core, which is open.
    BesidesCore,
}

impl Row {
    /// The level in a profile: in `seed`, what is required and not in the seed table is recommended.
    pub fn level_at(&self, profile: Profile) -> Level {
        match self.level {
            Level::Required | Level::RequiredIf if profile.is_seed() && !self.seed => Level::Recommended,
            level => level,
        }
    }

    /// Whether the row is among the required ones: its loss fails the instance.
    pub fn counts_as_required(&self, situation: &Situation, profile: Profile) -> bool {
        matches!(self.level_at(profile), Level::Required | Level::RequiredIf)
            && self.feature_state(situation) == FeatureState::On
    }

    /// How much a loss weighs.
    ///
    /// Required, or required by a feature that is on: error; a warning while the core is open.
    /// Recommended or disputed: warning. Optional, or no feature of the row is on: note, unless the row says
    /// what holds otherwise.
    pub fn severity(&self, situation: &Situation, profile: Profile, loss: Loss) -> Severity {
        let level = match self.feature_state(situation) {
            FeatureState::On => Some(self.level_at(profile)),
            FeatureState::Off | FeatureState::Unknown => self.otherwise,
        };
        match (level, loss) {
            (Some(Level::Required | Level::RequiredIf), Loss::Needed) => Severity::Error,
            (Some(Level::Required | Level::RequiredIf), Loss::BesidesCore) => Severity::Warning,
            (Some(Level::Recommended | Level::Disputed), _) => Severity::Warning,
            (Some(Level::OptionalFeature) | None, _) => Severity::Note,
        }
    }

    /// The state of the row's features taken together: on if any is, or if it asks for none.
    pub fn feature_state(&self, situation: &Situation) -> FeatureState {
        let flags = self.condition.flags;
        let any = |state| flags.iter().any(|flag| situation.features.state(*flag) == state);
        if flags.is_empty() || any(FeatureState::On) {
            FeatureState::On
        } else if any(FeatureState::Unknown) {
            FeatureState::Unknown
        } else {
            FeatureState::Off
        }
    }

    /// The flows on which this one depends in the situation, by id.
    ///
    /// One that does not apply to the instance cannot fail, and is left to the caller to skip.
    pub fn dependencies(&self, situation: &Situation) -> impl Iterator<Item = &'static str> + use<> {
        // A platform probe matters only while the load balancer has a choice (section 18 of the reference).
        let several = situation.instances().is_none_or(|instances| instances > 1);
        self.depends_on
            .iter()
            .filter(move |dependency| several || !dependency.only_with_several_instances)
            .map(|dependency| dependency.id)
    }
}
