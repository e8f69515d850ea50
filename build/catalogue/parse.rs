//! The short notations inside a record: remotes, ports and checks.

/// The other side of a flow.
///
/// Notation: `ApiManagement`, `Storage.{own}`, `Storage.{primary}`, `Internet`, `VirtualNetwork`,
/// `AzureLoadBalancer`, `subnet`, `AzureDns`, `$parameter`, `$parameter or REMOTE`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Remote {
    Tag { name: String, region: &'static str },
    Internet,
    VirtualNetwork,
    LoadBalancer,
    Subnet,
    AzureDns,
    Parameter { name: String, default: Option<Box<Remote>> },
}

/// Reads a remote.
pub(crate) fn remote(text: &str) -> Result<Remote, String> {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix('$') {
        let (name, default) = match rest.split_once(" or ") {
            Some((name, default)) if !default.trim_start().starts_with('$') => {
                (name, Some(Box::new(remote(default)?)))
            }
            Some(_) => {
                return Err(format!("remote `{text}`: the default of a parameter is not another parameter"));
            }
            None => (rest, None),
        };
        return Ok(Remote::Parameter { name: name.trim().to_owned(), default });
    }
    let (name, region) = match text.split_once(".{") {
        Some((name, "own}")) => (name, "Own"),
        Some((name, "primary}")) => (name, "Primary"),
        Some(_) => return Err(format!("remote `{text}`: the region of a tag is {{own}} or {{primary}}")),
        None => (text, "Global"),
    };
    let known = match name {
        "Internet" => Remote::Internet,
        "VirtualNetwork" => Remote::VirtualNetwork,
        "AzureLoadBalancer" => Remote::LoadBalancer,
        "subnet" => Remote::Subnet,
        "AzureDns" => Remote::AzureDns,
        _ if name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '.') =>
        {
            return Ok(Remote::Tag { name: name.to_owned(), region });
        }
        _ => return Err(format!("remote `{text}` is no tag, `subnet`, `AzureDns` or `$parameter`")),
    };
    if region != "Global" {
        return Err(format!("remote `{text}`: `{name}` has no regions"));
    }
    Ok(known)
}

/// Ports of a flow: ranges, or those of a parameter.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Ports {
    Ranges(Vec<(u16, u16)>),
    Parameter(String),
}

/// Reads `443`, `5671, 5672`, `6381-6383` or `$parameter`.
pub(crate) fn ports(text: &str) -> Result<Ports, String> {
    if let Some(name) = text.trim().strip_prefix('$') {
        return Ok(Ports::Parameter(name.to_owned()));
    }
    let mut ranges = Vec::new();
    for item in text.split(',').map(str::trim) {
        let (low, high) = item.split_once('-').unwrap_or((item, item));
        match (low.trim().parse::<u16>(), high.trim().parse::<u16>()) {
            (Ok(low), Ok(high)) if 1 <= low && low <= high => ranges.push((low, high)),
            _ => {
                return Err(format!(
                    "ports `{item}`: write a port from 1 to 65535 or a rising range of them"
                ));
            }
        }
    }
    ranges.sort_unstable();
    if ranges.windows(2).any(|pair| pair[0].1 >= pair[1].0) {
        return Err(format!("ports `{text}`: ranges overlap"));
    }
    Ok(Ports::Ranges(ranges))
}

/// A need that is no packet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Check {
    Nsg,
    Delegation(Option<String>),
    Subnet(u8),
}

/// Reads `nsg`, `delegation none`, `delegation TYPE` or `subnet /27`.
pub(crate) fn check(text: &str) -> Result<Check, String> {
    match text.trim().split_once(' ') {
        None if text.trim() == "nsg" => Ok(Check::Nsg),
        Some(("delegation", "none")) => Ok(Check::Delegation(None)),
        Some(("delegation", service)) if service.contains('/') => {
            Ok(Check::Delegation(Some(service.to_owned())))
        }
        Some(("subnet", length)) => match length.strip_prefix('/').and_then(|digits| digits.parse().ok()) {
            Some(length @ 1..=32) => Ok(Check::Subnet(length)),
            _ => Err(format!("check `{text}`: the length is /1 to /32")),
        },
        _ => Err(format!("check `{text}`: write `nsg`, `delegation none`, `delegation TYPE` or `subnet /N`")),
    }
}

/// Reads `D14` as 14.
pub(crate) fn dispute(text: &str) -> Result<u8, String> {
    text.strip_prefix('D')
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| format!("dispute `{text}`: write D and a number"))
}

/// Whether a name is kebab case.
pub(crate) fn is_kebab(text: &str) -> bool {
    text.split('-').all(|word| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}
