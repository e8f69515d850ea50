//! The YAML form of the catalogue: what a file under `data/flows` may say.
//!
//! Strict: an unknown field or word is an error with its line. Words have the names of the variants in
//! `src/flows`, so that the emitted code can print them.

use serde::Deserialize;

macro_rules! word {
    ($(#[$serde:meta])* $name:ident { $($variant:ident),+ $(,)? }) => {
        #[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
        $(#[$serde])*
        pub(crate) enum $name { $($variant),+ }
    };
}

word!(
    #[serde(rename_all = "kebab-case")]
    Catalogue { ClassicCore, ClassicFeatures, ClassicUpkeep, V2, Workspace, SelfHosted, PrivateEndpoint }
);
word!(Tier {
    Developer,
    Basic,
    Standard,
    Premium,
    BasicV2,
    StandardV2,
    PremiumV2,
    Consumption,
    Workspace,
    SelfHosted
});
word!(
    #[serde(rename_all = "kebab-case")]
    Mode { External, Internal, Injected, Integrated, None }
);
word!(
    #[serde(rename_all = "kebab-case")]
    Platform { Stv1, Stv2 }
);
word!(
    #[serde(rename_all = "kebab-case")]
    LocationKind { Primary, Added }
);
word!(
    #[serde(rename_all = "kebab-case")]
    FlowDirection { In, Out, Inside, None }
);
word!(
    #[serde(rename_all = "kebab-case")]
    Level { Required, RequiredIf, Recommended, OptionalFeature, Disputed }
);
word!(
    #[serde(rename_all = "kebab-case")]
    Documented { Bold, Table, Prose, None }
);
word!(
    #[serde(rename_all = "kebab-case")]
    Quantifier { All, Any, Par, Reg, Fqdn }
);
word!(
    #[serde(rename_all = "kebab-case")]
    Core { None, ControlPlane, PrimaryRegion }
);
word!(Seen { P, V, L, O, X });
word!(RouteClass { R1, R2, R3, R4, R5, R6, R7, R8 });
word!(Protocol { Tcp, Udp });
word!(
    #[serde(rename_all = "kebab-case")]
    FeatureState { On, Off, Unknown }
);
word!(Cloud { Public, AzureGovernment, AzureChina });

/// One file of flows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CatalogueFile {
    pub(crate) catalogue: Catalogue,
    /// Tiers of the records that name none; empty is every tier.
    #[serde(default)]
    pub(crate) tiers: Vec<Tier>,
    /// Modes of the records that name none; empty is every mode.
    #[serde(default)]
    pub(crate) modes: Vec<Mode>,
    pub(crate) flows: Vec<Record>,
}

/// One record.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    pub(crate) id: String,
    pub(crate) purpose: String,
    pub(crate) breaks: String,
    pub(crate) direction: FlowDirection,
    pub(crate) remote: Option<String>,
    #[serde(default)]
    pub(crate) hosts: Vec<String>,
    pub(crate) ports: Option<String>,
    #[serde(default)]
    pub(crate) protocols: Vec<Protocol>,
    pub(crate) check: Option<String>,
    pub(crate) never: Option<String>,
    pub(crate) level: Level,
    pub(crate) otherwise: Option<Level>,
    pub(crate) docs: Documented,
    pub(crate) nst_optional: Option<bool>,
    #[serde(default)]
    pub(crate) tiers: Vec<Tier>,
    #[serde(default)]
    pub(crate) modes: Vec<Mode>,
    pub(crate) platform: Option<Platform>,
    pub(crate) units_min: Option<u32>,
    pub(crate) instances_min: Option<u32>,
    #[serde(default)]
    pub(crate) flags: Vec<String>,
    pub(crate) location: Option<LocationKind>,
    pub(crate) quantifier: Option<Quantifier>,
    pub(crate) core: Option<Core>,
    pub(crate) seen: Option<Seen>,
    #[serde(default)]
    pub(crate) default_rules: Vec<u16>,
    pub(crate) route: Option<RouteClass>,
    #[serde(default)]
    pub(crate) depends_on: Vec<String>,
    #[serde(default)]
    pub(crate) depends_on_when_scaled: Vec<String>,
    pub(crate) since: Option<String>,
    pub(crate) until: Option<String>,
    #[serde(default)]
    pub(crate) seed: bool,
    pub(crate) sources: Vec<String>,
    pub(crate) dispute: Option<String>,
    pub(crate) note: Option<String>,
}

/// `sources.yaml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourcesFile {
    pub(crate) sources: Vec<Source>,
}

/// A document.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    pub(crate) key: String,
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) copies: Vec<SourceCopy>,
    pub(crate) note: Option<String>,
}

/// One state of a document.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourceCopy {
    pub(crate) date: String,
    pub(crate) commit: Option<String>,
    pub(crate) fork: Option<String>,
}

/// `disputes.yaml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DisputesFile {
    pub(crate) disputes: Vec<Dispute>,
}

/// A contradiction between documents.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dispute {
    pub(crate) id: String,
    pub(crate) matter: String,
    pub(crate) says: String,
    pub(crate) sources: Vec<String>,
    pub(crate) reading: String,
}

/// `features.yaml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FeaturesFile {
    pub(crate) features: Vec<Feature>,
}

/// A feature of an instance.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Feature {
    pub(crate) name: String,
    pub(crate) default: FeatureState,
    pub(crate) what: String,
}

/// `parameters.yaml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ParametersFile {
    pub(crate) parameters: Vec<Parameter>,
}

/// A fact that the user may give by name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) what: String,
}

/// `control-plane.yaml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ControlPlaneFile {
    pub(crate) locations: Vec<ControlPlane>,
}

/// Addresses of the control plane in one region.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ControlPlane {
    pub(crate) cloud: Cloud,
    pub(crate) region: String,
    pub(crate) addresses: Vec<String>,
    #[serde(default)]
    pub(crate) global: bool,
    pub(crate) moved: Option<Moved>,
    pub(crate) note: Option<String>,
}

/// An address that took the place of another.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Moved {
    pub(crate) date: String,
    pub(crate) old: String,
    pub(crate) new: String,
}
