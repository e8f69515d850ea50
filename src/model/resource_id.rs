//! Resource ids of Azure Resource Manager.

use super::{hole_length, split_outside};
use std::fmt;
use std::hash::{Hash, Hasher};

/// An id such as `/subscriptions/S/resourceGroups/G/providers/Microsoft.Network/virtualNetworks/V/subnets/N`.
///
/// Compared without regard to case (U2), printed as it was written. A template's id may hold symbols such
/// as `${subscription().subscriptionId}`; two ids with the same symbols are the same id.
#[derive(Clone, Debug)]
pub struct ResourceId(String);

impl ResourceId {
    /// An id from its text; a slash at the end is dropped.
    pub fn new(text: impl Into<String>) -> Self {
        let mut text = text.into();
        while text.ends_with('/') {
            text.pop();
        }
        Self(text)
    }

    /// The text as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The segments; a slash inside a symbol cuts nothing.
    fn segments(&self) -> Vec<&str> {
        split_outside(&self.0, '/')
    }

    /// The last segment: the resource's own name.
    pub fn name(&self) -> &str {
        match self.0.rsplit_once('/') {
            // Where no symbol ends, none has begun.
            Some((_, name)) if !name.contains('}') => name,
            _ => self.segments().last().copied().unwrap_or_default(),
        }
    }

    /// The resource type, as in `Microsoft.Network/virtualNetworks/subnets`, where the id has a provider.
    pub fn kind(&self) -> Option<String> {
        let segments = self.provider_segments()?;
        let mut kind = (*segments.first()?).to_owned();
        for part in segments.iter().skip(1).step_by(2) {
            kind.push('/');
            kind.push_str(part);
        }
        Some(kind)
    }

    /// The names along the id, outermost first: for a subnet the network's and its own.
    pub fn names(&self) -> Vec<&str> {
        match self.provider_segments() {
            Some(segments) => segments.into_iter().skip(2).step_by(2).collect(),
            None => vec![self.name()],
        }
    }

    /// The id one level up: the network of a subnet, the NSG of a rule.
    pub fn parent(&self) -> Option<Self> {
        if self.names().len() < 2 {
            return None;
        }
        let segments = self.segments();
        let kept = segments.len().checked_sub(2)?;
        Some(Self(segments[..kept].join("/")))
    }

    /// The value that follows a segment such as `resourceGroups` or `subscriptions`.
    pub fn segment(&self, key: &str) -> Option<&str> {
        let mut segments = self.segments().into_iter();
        segments.find(|segment| segment.eq_ignore_ascii_case(key))?;
        segments.next()
    }

    /// What stands behind the last `providers`.
    fn provider_segments(&self) -> Option<Vec<&str>> {
        let mut segments = self.segments();
        let at = segments.iter().rposition(|segment| segment.eq_ignore_ascii_case("providers"))?;
        Some(segments.split_off(at + 1))
    }

    /// Whether the two could be one id, once the open parts of both are settled.
    ///
    /// Equal parts at both ends are set aside; what is left in between decides: two settled texts that differ
    /// are two ids, and so are texts whose settled beginnings or ends differ.
    pub fn may_be(&self, other: &Self) -> bool {
        let (left, right) = (pieces(&self.key()), pieces(&other.key()));
        let (mut left, mut right) = (&left[..], &right[..]);
        while let ([first, rest @ ..], [same, others @ ..]) = (left, right)
            && first == same
        {
            (left, right) = (rest, others);
        }
        while let ([rest @ .., last], [others @ .., same]) = (left, right)
            && last == same
        {
            (left, right) = (rest, others);
        }
        let open = |piece: Option<&Piece>| !matches!(piece, Some(Piece::Settled(_)));
        let differ = |a: Option<&Piece>, b: Option<&Piece>| !open(a) && !open(b);
        match (left, right) {
            ([], []) => true,
            ([], rest) | (rest, []) => rest.iter().all(|piece| matches!(piece, Piece::Open(_))),
            _ => !differ(left.first(), right.first()) && !differ(left.last(), right.last()),
        }
    }

    /// What ids are compared by.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

/// A part of an id: one settled character, or a part that only the deployment settles.
#[derive(PartialEq)]
enum Piece {
    Settled(char),
    Open(String),
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = hole_length(rest).unwrap_or(0);
        if length > 0 {
            pieces.push(Piece::Open(rest[..length].to_owned()));
            rest = &rest[length..];
        } else {
            pieces.push(Piece::Settled(c));
            rest = &rest[c.len_utf8()..];
        }
    }
    pieces
}

impl PartialEq for ResourceId {
    fn eq(&self, other: &Self) -> bool {
        let (one, other) = (&*self.0, &*other.0);
        match one.is_ascii() && other.is_ascii() {
            true => one.eq_ignore_ascii_case(other),
            false => one.to_lowercase() == other.to_lowercase(),
        }
    }
}

impl Eq for ResourceId {}

impl Hash for ResourceId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl PartialOrd for ResourceId {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ResourceId {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let (one, other) = (&*self.0, &*other.0);
        match one.is_ascii() && other.is_ascii() {
            true => {
                one.bytes().map(|c| c.to_ascii_lowercase()).cmp(other.bytes().map(|c| c.to_ascii_lowercase()))
            }
            false => one.to_lowercase().cmp(&other.to_lowercase()),
        }
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_knows_its_parts() {
        let id = ResourceId::new(
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/n/",
        );
        assert_eq!(id.name(), "n");
        assert_eq!(id.kind().as_deref(), Some("Microsoft.Network/virtualNetworks/subnets"));
        assert_eq!(id.names(), ["v", "n"]);
        assert_eq!(id.segment("RESOURCEGROUPS"), Some("g"));
        assert_eq!(id.parent().unwrap().name(), "v");
        assert_eq!(id.parent().unwrap().parent(), None);
    }

    #[test]
    fn a_slash_inside_a_symbol_cuts_nothing() {
        let id = ResourceId::new("/subscriptions/s/providers/A.B/c/${f('/providers/X.Y/z')}/d/e-${g('h/i')}");
        assert_eq!(id.kind().as_deref(), Some("A.B/c/d"));
        assert_eq!(id.names(), ["${f('/providers/X.Y/z')}", "e-${g('h/i')}"]);
        assert_eq!(id.parent().unwrap().name(), "${f('/providers/X.Y/z')}");
    }

    #[test]
    fn ids_with_open_parts_may_be_one_id() {
        for (a, b, may_be) in [
            ("x/nsg", "x/${parameters('p')}", true),
            ("x/nsg-${f()}", "x/nsg-a", true),
            ("x/nsg-${f()}", "x/app-a", false),
            ("x/${p}-apim", "x/${p}-web", false),
            ("x/${p}-apim", "x/${q}-apim", true),
            ("x/${p}-apim", "x/web", false),
            ("x/${p}", "x/${p}", true),
            ("x/${p}a", "x/a", true),
            ("x/nsg", "x/NSG", true),
            ("x/nsg", "x/nsg2", false),
        ] {
            assert_eq!(ResourceId::new(a).may_be(&ResourceId::new(b)), may_be, "{a} {b}");
            assert_eq!(ResourceId::new(b).may_be(&ResourceId::new(a)), may_be, "{b} {a}");
        }
    }

    #[test]
    fn ids_are_compared_without_regard_to_case() {
        let written =
            ResourceId::new("/subscriptions/S/providers/Microsoft.Network/networkSecurityGroups/Nsg");
        let logged =
            ResourceId::new("/SUBSCRIPTIONS/s/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/NSG");
        assert_eq!(written, logged);
        assert_ne!(
            written,
            ResourceId::new("/subscriptions/S/providers/Microsoft.Network/networkSecurityGroups/B")
        );
    }
}
