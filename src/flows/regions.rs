//! The regions that are known by name.

use super::CONTROL_PLANE;
use crate::model::Region;
use crate::tags::TagSnapshot;
use std::collections::BTreeSet;
use std::fmt;

/// A name that is no region of the service tag list, so that every regional tag would be looked up in vain.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnknownRegion {
    /// The name as read.
    pub found: Region,
    /// The closest region there is.
    pub closest: Option<String>,
}

impl fmt::Display for UnknownRegion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no region of the service tag list", self.found)?;
        match &self.closest {
            Some(closest) => write!(f, ": did you mean `{closest}`?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for UnknownRegion {}

/// Whether a region is one of the list's, or one whose control plane is listed.
///
/// # Errors
/// [`UnknownRegion`] with the closest name.
pub fn known_region(region: &Region, tags: &TagSnapshot) -> Result<(), UnknownRegion> {
    // The lists of single services are short; all regions are looked through for a suggestion only.
    if ["Storage", "ApiManagement"].iter().any(|service| tags.regional(service, region).is_some()) {
        return Ok(());
    }
    let listed = tags.regions_of("AzureCloud");
    let known: BTreeSet<&str> = listed
        .iter()
        .filter_map(|tag| tag.region.as_ref().map(Region::as_str))
        .chain(CONTROL_PLANE.iter().filter(|place| !place.global).map(|place| place.region))
        .collect();
    if known.contains(region.as_str()) {
        return Ok(());
    }
    let distance = |name: &str| strsim::damerau_levenshtein(name, region.as_str());
    let closest = known.iter().filter(|name| distance(name) <= 3).min_by_key(|name| distance(name));
    Err(UnknownRegion { found: region.clone(), closest: closest.map(|name| (*name).to_owned()) })
}
