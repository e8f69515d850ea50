//! Microsoft's service tag list: the weekly download and the answer of the API (section 16e).
//!
//! The download has numbers for change numbers and states features; `az network list-service-tags` has
//! strings and states none. Both are read by one reader, value by value, without a tree in memory.
//! A `nextLink` is not followed: tags of a further page are unknown, never empty.

use super::error::{TagError, TagFault};
use super::prefixes::{Collector, prefix};
use super::special::SpecialTag;
use super::tag::{Features, is_feature};
use super::text::{Entry, Head, MOST_TAGS, checked_name, checked_region, in_order};
use crate::sets::AddressSet;
use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Reads a list.
///
/// # Errors
/// [`TagFault::NotTags`] for other JSON, [`TagFault::Truncated`], [`TagFault::Json`] with line and column
/// for a value of another type, and what the head and names can have wrong.
pub(super) fn read(text: &str, file: &str, date: Option<String>) -> Result<(Head, Vec<Entry>), TagError> {
    let list: List = serde_json::from_str(text).map_err(|error| explain(text, file, &error))?;
    let fault = |fault| TagError::new(Some(file), fault);
    let (Some(change_number), Some(values)) = (list.change_number, list.values) else {
        return Err(fault(TagFault::NotTags { looks_like: looks_like(text) }));
    };
    let cloud = list.cloud.ok_or_else(|| fault(TagFault::Missing { what: "cloud" }))?;
    let cloud = cloud.parse().map_err(|error| fault(TagFault::Cloud(error)))?;
    let change_number =
        change_number.0.parse().map_err(|_| fault(TagFault::ChangeNumber { found: change_number.0 }))?;
    if values.len() > MOST_TAGS {
        return Err(fault(TagFault::TooMany));
    }
    let mut entries = Vec::with_capacity(values.len());
    for Value { name, properties } in values {
        // S93: computed tags are not of the list; if a list had one, the computed meaning would win.
        if SpecialTag::recognise(&name).is_some() {
            continue;
        }
        checked_name(&name).map_err(fault)?;
        let region = properties.region.unwrap_or_default();
        checked_region(&region).map_err(fault)?;
        let features = match properties.network_features {
            None => Features::unstated(),
            Some(Words(words)) => Features::stated(words),
        };
        entries.push((0, Entry { name, features, region, addresses: properties.address_prefixes.0 }));
    }
    Ok((Head { cloud, change_number, date }, in_order(entries, |_, twice| fault(twice))?))
}

/// The document. Fields that could be missing are looked at afterwards, for a better message.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    change_number: Option<ChangeNumber>,
    cloud: Option<String>,
    values: Option<Vec<Value>>,
}

#[derive(serde::Deserialize)]
struct Value {
    name: String,
    properties: Properties,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    region: Option<String>,
    address_prefixes: Prefixes,
    #[serde(default, deserialize_with = "stated")]
    network_features: Option<Words>,
}

/// A number, or its digits as a string.
struct ChangeNumber(String);

impl<'de> Deserialize<'de> for ChangeNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = ChangeNumber;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a change number")
            }
            fn visit_u64<E>(self, number: u64) -> Result<ChangeNumber, E> {
                Ok(ChangeNumber(number.to_string()))
            }
            fn visit_str<E>(self, text: &str) -> Result<ChangeNumber, E> {
                Ok(ChangeNumber(text.to_owned()))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// The prefixes of a tag, as a set.
struct Prefixes(AddressSet);

impl<'de> Deserialize<'de> for Prefixes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Prefixes;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of address prefixes")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Prefixes, A::Error> {
                let mut addresses = Collector::default();
                while let Some(text) = items.next_element::<String>()? {
                    let found = || de::Error::custom(TagFault::Prefix { found: text.clone() });
                    addresses.push(prefix(&text).ok_or_else(found)?);
                }
                Ok(Prefixes(addresses.finish()))
            }
        }
        deserializer.deserialize_seq(List)
    }
}

/// Stated features.
struct Words(Vec<String>);

/// `null` states that there is no feature; only a field that is absent states nothing.
fn stated<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Words>, D::Error> {
    let words = Option::<Vec<String>>::deserialize(deserializer)?.unwrap_or_default();
    match words.iter().find(|word| !is_feature(word)) {
        Some(word) => {
            Err(de::Error::custom(TagFault::Word { expected: "network feature", found: word.clone() }))
        }
        None => Ok(Some(Words(words))),
    }
}

/// Says why the JSON is no list, in words about the file.
fn explain(text: &str, file: &str, error: &serde_json::Error) -> TagError {
    let place = |fault| TagError::at(file, error.line(), Some(error.column()), fault);
    // The reader repeats the place at the end of its text.
    let reason = error.to_string();
    let reason = reason.rsplit_once(" at line ").map_or(reason.as_str(), |(reason, _)| reason).to_owned();
    match error.classify() {
        serde_json::error::Category::Eof => place(TagFault::Truncated),
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => {
            place(TagFault::Json { reason })
        }
        serde_json::error::Category::Data => match serde_json::from_str(text) {
            Ok(Outline::Object(keys))
                if keys.iter().any(|key| key == "values") && keys.iter().any(|key| key == "changeNumber") =>
            {
                place(TagFault::Json { reason })
            }
            _ => TagError::new(Some(file), TagFault::NotTags { looks_like: looks_like(text) }),
        },
    }
}

/// The outermost shape of a JSON document.
enum Outline {
    Object(Vec<String>),
    Array,
    Other,
}

impl<'de> Deserialize<'de> for Outline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Shape;
        impl<'de> Visitor<'de> for Shape {
            type Value = Outline;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Outline, A::Error> {
                let mut keys = Vec::new();
                while let Some((key, IgnoredAny)) = map.next_entry::<String, IgnoredAny>()? {
                    keys.push(key);
                }
                Ok(Outline::Object(keys))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Outline, A::Error> {
                while items.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Outline::Array)
            }
            fn visit_unit<E>(self) -> Result<Outline, E> {
                Ok(Outline::Other)
            }
            fn visit_bool<E>(self, _: bool) -> Result<Outline, E> {
                Ok(Outline::Other)
            }
            fn visit_u64<E>(self, _: u64) -> Result<Outline, E> {
                Ok(Outline::Other)
            }
            fn visit_i64<E>(self, _: i64) -> Result<Outline, E> {
                Ok(Outline::Other)
            }
            fn visit_f64<E>(self, _: f64) -> Result<Outline, E> {
                Ok(Outline::Other)
            }
            fn visit_str<E>(self, _: &str) -> Result<Outline, E> {
                Ok(Outline::Other)
            }
        }
        deserializer.deserialize_any(Shape)
    }
}

/// What a JSON document looks like, with its article.
fn looks_like(text: &str) -> String {
    let keys = match serde_json::from_str(text) {
        Ok(Outline::Object(keys)) => keys,
        Ok(Outline::Array) => return "a JSON list".to_owned(),
        Ok(Outline::Other) => return "a single JSON value".to_owned(),
        Err(_) => return "broken JSON".to_owned(),
    };
    let has = |key: &str| keys.iter().any(|found| found == key);
    let known = [
        ("planned_values", "a Terraform plan"),
        ("terraform_version", "a Terraform state"),
        ("syncToken", "a list of addresses of another cloud"),
        ("resources", "an ARM template"),
        ("securityRules", "a network security group"),
        ("parameters", "a parameter file"),
        ("properties", "one Azure resource"),
        ("value", "an answer of Azure's API that is no service tag list"),
    ];
    if let Some((_, what)) = known.into_iter().find(|(key, _)| has(key)) {
        return what.to_owned();
    }
    let quoted: Vec<String> = keys.iter().take(5).map(|key| format!("`{key}`")).collect();
    match &quoted[..] {
        [] => "an empty JSON object".to_owned(),
        quoted => format!("a JSON object with {}", quoted.join(", ")),
    }
}
