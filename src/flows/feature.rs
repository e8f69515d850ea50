//! Features of an instance: on, off or not known.

use super::lookup::{UnknownName, unknown};
use super::tables::{FEATURE_COUNT, FEATURES};
use crate::model::words;
use std::fmt;

words! {
    /// Whether an instance uses a feature.
    FeatureState ("feature state") {
        /// It does.
        On = "on",
        /// It does not.
        Off = "off",
        /// The input does not say, and no default is safe.
        Unknown = "unknown",
    }
}

/// A feature with its default and what it means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FeatureInfo {
    /// Its name, as in `rate-limit`.
    pub name: &'static str,
    /// What holds when nothing says otherwise.
    pub default: FeatureState,
    /// What it means, in one line.
    pub what: &'static str,
}

/// A feature of the catalogue, by its place in [`FEATURES`].
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Feature(pub(super) usize);

impl Feature {
    /// The feature of a name, read without regard to case.
    ///
    /// # Errors
    /// There is none; the error names the closest one.
    pub fn named(name: &str) -> Result<Self, UnknownName> {
        FEATURES
            .iter()
            .position(|feature| feature.name.eq_ignore_ascii_case(name.trim()))
            .map(Self)
            .ok_or_else(|| unknown("feature", name, FEATURES.iter().map(|feature| feature.name)))
    }

    /// Every feature, in the order of the data.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..FEATURE_COUNT).map(Self)
    }

    /// Its name, default and meaning.
    pub fn info(self) -> &'static FeatureInfo {
        &FEATURES[self.0]
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.info().name)
    }
}

/// What is known of each feature of one instance.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FeatureSet([FeatureState; FEATURE_COUNT]);

impl Default for FeatureSet {
    /// The defaults of the catalogue: off, but `rate-limit` and `internal-cache` unknown.
    fn default() -> Self {
        let mut states = [FeatureState::Off; FEATURE_COUNT];
        for (state, feature) in states.iter_mut().zip(FEATURES) {
            *state = feature.default;
        }
        Self(states)
    }
}

impl FeatureSet {
    /// What is known of a feature.
    pub fn state(&self, feature: Feature) -> FeatureState {
        self.0[feature.0]
    }

    /// Says what is known of a feature.
    pub fn set(&mut self, feature: Feature, state: FeatureState) {
        self.0[feature.0] = state;
    }

    /// The same set with a feature on.
    #[must_use]
    pub fn with(mut self, feature: Feature) -> Self {
        self.set(feature, FeatureState::On);
        self
    }
}
