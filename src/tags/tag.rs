//! One tag of a list: its name, its region, where it may be used, its addresses.

use super::special::SpecialTag;
use crate::model::Region;
use crate::sets::AddressSet;
use std::fmt;

/// A tag of a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tag {
    /// The name in the list's own spelling.
    pub name: String,
    /// For a regional form the name of the global tag, as in `Storage`, in this tag's spelling; a dot
    /// alone makes no regional form (S89).
    pub base: Option<String>,
    /// The region that the list states, by its name as a location (S90).
    pub region: Option<Region>,
    /// Where Azure lets one use the tag.
    pub features: Features,
    /// What it stands for. A listed tag without addresses is known to be empty.
    pub addresses: AddressSet,
}

/// Where Azure lets one use a tag: in network security groups, routes, firewalls.
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Features {
    words: Option<Vec<String>>,
}

/// The features that Microsoft's lists name, in the order to print them.
const KNOWN_FEATURES: [&str; 5] = ["API", "NSG", "UDR", "FW", "VSE"];

impl Features {
    /// Features that the list does not state, as in the output of `az network list-service-tags`.
    pub fn unstated() -> Self {
        Self { words: None }
    }

    /// The stated features, in any order; none is a statement too.
    pub fn stated(words: impl IntoIterator<Item = String>) -> Self {
        let rank =
            |word: &String| KNOWN_FEATURES.iter().position(|known| known == word).unwrap_or(usize::MAX);
        let mut words: Vec<String> = words.into_iter().collect();
        words.sort_by(|a, b| (rank(a), a).cmp(&(rank(b), b)));
        words.dedup();
        Self { words: Some(words) }
    }

    /// Whether the list marks the tag for use in network security groups; `None` where it does not state
    /// features (U28).
    pub fn nsg(&self) -> Option<bool> {
        self.has("NSG")
    }

    /// Whether the list marks the tag for use in routes; `None` where it does not state features (S123).
    pub fn udr(&self) -> Option<bool> {
        self.has("UDR")
    }

    fn has(&self, feature: &str) -> Option<bool> {
        self.words.as_ref().map(|words| words.iter().any(|word| word == feature))
    }

    /// The words, `API`, `NSG`, `UDR`, `FW`, `VSE` first; `None` where the list does not state them.
    pub fn words(&self) -> Option<&[String]> {
        self.words.as_deref()
    }

    /// Reads the column of the text form; `None` for a word that is none.
    pub(super) fn read(column: &str) -> Option<Self> {
        match column {
            "?" => Some(Self::unstated()),
            "-" => Some(Self::stated([])),
            words => words
                .split(',')
                .map(|word| is_feature(word).then(|| word.to_owned()))
                .collect::<Option<Vec<_>>>()
                .map(Self::stated),
        }
    }
}

/// Whether a word can be a feature.
pub(super) fn is_feature(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

impl fmt::Display for Features {
    /// The column of the text form: words with commas, `-` for none, `?` where not stated.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.words.as_deref() {
            None => f.pad("?"),
            Some([]) => f.pad("-"),
            Some(words) => f.pad(&words.join(",")),
        }
    }
}

/// Regions that the lists spell otherwise than locations do (S90, and a typing error of 2022).
const SPELLINGS: [(&str, &str); 14] = [
    ("brazilse", "brazilsoutheast"),
    ("centralfrance", "francecentral"),
    ("chilec", "chilecentral"),
    ("germanyn", "germanynorth"),
    ("germanywc", "germanywestcentral"),
    ("isrealcentral", "israelcentral"),
    ("norwaye", "norwayeast"),
    ("norwayw", "norwaywest"),
    ("southfrance", "francesouth"),
    ("switzerlandn", "switzerlandnorth"),
    ("switzerlandw", "switzerlandwest"),
    ("usstagec", "southcentralusstg"),
    ("usstagee", "eastusstg"),
    ("brazilne", "brazilnortheast"),
];

/// The region that a list states, by its name as a location.
pub(super) fn location(stated: &str) -> Option<Region> {
    if stated.is_empty() {
        return None;
    }
    let region = Region::new(stated);
    let usual =
        SPELLINGS.iter().find(|(list, _)| *list == region.as_str()).map(|(_, usual)| Region::new(usual));
    Some(usual.unwrap_or(region))
}

/// The global tag of a regional form: what stands before the last dot, when what stands behind it is the
/// stated region in the list's or the usual spelling (S89, S90).
///
/// `AzureMonitor.Core` states no region, and `AzurePortal.AzureAppServiceUx` of the Government list
/// states one that its name does not say: neither is a regional form.
pub(super) fn base_of<'a>(name: &'a str, stated: &str) -> Option<&'a str> {
    let (base, end) = name.rsplit_once('.')?;
    let named = location(end)?;
    (Some(named) == location(stated)).then_some(base)
}

/// A name as written in a rule, and what it turned out to be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TagName {
    /// The name as written.
    pub written: String,
    /// What it is, decided by looking it up.
    pub kind: TagKind,
}

/// What a name is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TagKind {
    /// One of the computed tags.
    Special {
        /// Which.
        tag: SpecialTag,
        /// Whether the spelling is the classic deployment model's (S91).
        classic: bool,
    },
    /// A tag of the list.
    Listed {
        /// The list's own spelling.
        name: String,
    },
    /// Neither: its addresses are not known. Not the same as no address.
    Unknown,
}

impl fmt::Display for TagName {
    /// Azure's spelling; for an unknown name the text as written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            TagKind::Special { tag, .. } => f.pad(tag.as_str()),
            TagKind::Listed { name } => f.pad(name),
            TagKind::Unknown => f.pad(&self.written),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_alone_makes_no_regional_form() {
        for (name, stated, base, region) in [
            ("Storage.WestEurope", "westeurope", Some("Storage"), Some("westeurope")),
            ("AzureMonitor.Core", "", None, None), // S89
            ("AzurePortal.AzureAppServiceUx", "usgovtexas", None, Some("usgovtexas")),
            ("AzureCloud.centralfrance", "centralfrance", Some("AzureCloud"), Some("francecentral")), // S90
            ("ApiManagement.FranceCentral", "centralfrance", Some("ApiManagement"), Some("francecentral")),
            ("AppService", "", None, None),
        ] {
            assert_eq!(base_of(name, stated), base, "{name}");
            assert_eq!(location(stated), region.map(Region::new), "{name}");
        }
    }

    #[test]
    fn features_are_read_and_printed_in_one_order() {
        for (column, printed, nsg) in [
            ("NSG,API,FW,UDR", "API,NSG,UDR,FW", Some(true)),
            ("API", "API", Some(false)),
            ("-", "-", Some(false)),
            ("?", "?", None),
            ("New,NSG", "NSG,New", Some(true)),
        ] {
            let features = Features::read(column).unwrap();
            assert_eq!(features.to_string(), printed);
            assert_eq!(features.nsg(), nsg);
        }
        for column in ["", "NSG,", "N SG"] {
            assert_eq!(Features::read(column), None, "{column}");
        }
    }
}
