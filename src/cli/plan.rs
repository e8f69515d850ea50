//! What is meant by what was typed: words checked, files read, names looked up.

use super::CliError;
use super::args::{ColorWhen, GroundArgs, JudgeArgs, OutputArgs, TagArgs};
use super::exit::{Judgement, UnknownAs};
use crate::finding::Severity;
use crate::flows::{Feature, ParameterValues, Profile, known_region};
use crate::model::{Cloud, Region, Verdict};
use crate::network::{Network, Supplied};
use crate::report::text::TextOptions;
use crate::sources::Moment;
use crate::tags::{TagSnapshot, cloud_must_match};
use ipnet::IpNet;
use std::borrow::Cow;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// A form of output.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Format {
    Text,
    Json,
    Csv,
    Dot,
    Mermaid,
}

/// One place that the answer goes to.
#[derive(Clone, Debug)]
pub(super) struct Sink {
    pub(super) format: Format,
    /// A file, or the terminal.
    pub(super) file: Option<PathBuf>,
}

/// Where the answer goes, and how.
#[derive(Clone, Debug)]
pub(super) struct OutputPlan {
    pub(super) sinks: Vec<Sink>,
    pub(super) color: ColorWhen,
    pub(super) quiet: bool,
    pub(super) verbose: bool,
}

impl OutputPlan {
    /// Reads the formats; the first of `accepted` is taken where none is named.
    pub(super) fn new(args: &OutputArgs, accepted: &[Format]) -> Result<Self, CliError> {
        let mut sinks = Vec::new();
        for text in &args.format {
            let (name, file) = match text.split_once('=') {
                Some((name, file)) => (name, Some(PathBuf::from(file))),
                None => (text.as_str(), args.output.clone()),
            };
            let format = accepted.iter().copied().find(|format| format.name().eq_ignore_ascii_case(name));
            let Some(format) = format else {
                let names: Vec<&str> = accepted.iter().map(|format| format.name()).collect();
                return Err(CliError::usage(format!(
                    "--format `{name}` is none of this command's formats: {}",
                    names.join(", ")
                )));
            };
            sinks.push(Sink { format, file });
        }
        if sinks.is_empty() {
            let format = accepted.first().copied().unwrap_or(Format::Text);
            sinks.push(Sink { format, file: args.output.clone() });
        }
        if sinks.iter().filter(|sink| sink.file.is_none()).count() > 1 {
            return Err(CliError::usage(
                "two formats go to the terminal: write one to a file, as json=FILE".into(),
            ));
        }
        Ok(Self { sinks, color: args.color, quiet: args.quiet, verbose: args.verbose })
    }
}

impl OutputPlan {
    /// How texts are written.
    pub(super) fn text(&self, color: bool) -> TextOptions {
        TextOptions { color, all: false, quiet: self.quiet, verbose: self.verbose }
    }
}

impl Format {
    fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Dot => "dot",
            Self::Mermaid => "mermaid",
        }
    }
}

/// The service tag list that was asked for.
pub(super) fn service_tags(args: &TagArgs) -> Result<Cow<'static, TagSnapshot>, CliError> {
    match &args.service_tags {
        None => Ok(Cow::Borrowed(TagSnapshot::builtin())),
        Some(file) => read_tags(file).map(Cow::Owned),
    }
}

/// A service tag list in any of the three forms.
pub(super) fn read_tags(file: &Path) -> Result<TagSnapshot, CliError> {
    let bytes = super::files::bytes(file)?;
    TagSnapshot::read(&bytes, &file.to_string_lossy(), None).map_err(CliError::of)
}

/// All that evaluation rests on besides the input.
pub(super) struct Ground {
    pub(super) tags: Cow<'static, TagSnapshot>,
    cloud: Option<Cloud>,
    pub(super) parameters: ParameterValues,
    pub(super) supplied: Supplied,
    pub(super) features: Vec<Feature>,
    pub(super) profile: Profile,
    pub(super) template: TemplateValues,
    pub(super) join: bool,
    /// Whether Bicep sources are compiled.
    pub(super) bicep: bool,
    pub(super) as_kind: Option<String>,
    pub(super) stdin_name: Option<String>,
    /// Which state of a what-if result is asked.
    pub(super) moment: Moment,
}

/// Values of template parameters.
pub(super) struct TemplateValues {
    pub(super) files: Vec<PathBuf>,
    pub(super) set: Vec<(String, String)>,
}

impl Ground {
    pub(super) fn new(args: &GroundArgs) -> Result<Self, CliError> {
        let mut parameters = ParameterValues::default();
        for text in &args.param {
            let (name, value) = pair("--param", text)?;
            parameters
                .add(name, value)
                .map_err(|error| CliError::usage(format!("--param {text}: {error}")))?;
        }
        let set = args.set.iter().map(|text| pair("--set", text));
        let set: Result<Vec<_>, _> =
            set.map(|pair| pair.map(|(n, v)| (n.to_owned(), v.to_owned()))).collect();
        let tags = service_tags(&args.tags)?;
        let region = args.region.as_deref().map(Region::new);
        if let Some(region) = &region {
            known_region(region, &tags).map_err(|error| CliError::usage(format!("--region: {error}")))?;
        }
        Ok(Self {
            tags,
            cloud: word("--cloud", args.cloud.as_deref())?,
            parameters,
            supplied: Supplied {
                subnet: args.subnet.clone(),
                group: args.nsg.clone(),
                vnet_prefixes: prefixes("--vnet-prefix", &args.vnet_prefix)?,
                subnet_prefixes: prefixes("--subnet-prefix", &args.subnet_prefix)?,
                peer_prefixes: prefixes("--peer-prefix", &args.peer_prefix)?,
                mode: word("--mode", args.mode.as_deref())?,
                tier: word("--tier", args.tier.as_deref())?,
                region,
            },
            features: features(&args.feature)?,
            profile: word("--profile", args.profile.as_deref())?.unwrap_or_default(),
            template: TemplateValues { files: args.parameters.clone(), set: set? },
            join: args.join,
            bicep: args.bicep,
            as_kind: args.as_kind.clone(),
            stdin_name: args.stdin_filename.clone(),
            moment: Moment::After,
        })
    }

    /// The network's cloud and the list's must agree (S94): the cloud that was named, else that of the
    /// regions that the input names.
    pub(super) fn cloud_must_match(&self, network: &Network) -> Result<(), CliError> {
        let by_region = network.regions.iter().chain(&self.supplied.region).map(Cloud::of_region).next();
        match self.cloud.or(by_region) {
            Some(cloud) => cloud_must_match(cloud, &self.tags).map_err(CliError::of),
            None => Ok(()),
        }
    }

    /// What is taken for granted about the cloud.
    pub(super) fn cloud_assumption(&self, network: &Network) -> Option<crate::model::Assumption> {
        let named = self.cloud.is_some() || self.supplied.region.is_some() || !network.regions.is_empty();
        (!named).then(|| {
            crate::model::Assumption::new(format!(
                "the network is in the cloud {}, since the input names no region",
                self.tags.cloud()
            ))
        })
    }
}

/// How an answer becomes an exit status.
pub(super) fn judgement(args: &JudgeArgs) -> Result<Judgement, CliError> {
    let fail_on = [Severity::Error, Severity::Warning, Severity::Note]
        .into_iter()
        .find(|severity| severity.as_str().eq_ignore_ascii_case(&args.fail_on))
        .ok_or_else(|| {
            CliError::usage(format!("--fail-on `{}`: one of error, warning, note", args.fail_on))
        })?;
    let unknown = unknown_as(args.unknown.as_deref())?;
    Ok(Judgement { fail_on, unknown, exit_zero: args.exit_zero })
}

/// What unknown answers count as.
pub(super) fn unknown_as(text: Option<&str>) -> Result<UnknownAs, CliError> {
    match text {
        None => Ok(UnknownAs::Unknown),
        Some("allow") => Ok(UnknownAs::Allowed),
        Some("deny") => Ok(UnknownAs::Blocked),
        Some(other) => Err(CliError::usage(format!("--unknown `{other}`: one of allow, deny"))),
    }
}

/// A word of a vocabulary behind an option.
pub(super) fn word<T: FromStr<Err: Display>>(
    option: &str,
    text: Option<&str>,
) -> Result<Option<T>, CliError> {
    text.map(|text| text.parse().map_err(|error| CliError::usage(format!("{option} {text}: {error}"))))
        .transpose()
}

/// The verdict of `--expect`, one of those that the command gives.
pub(super) fn expected(text: Option<&str>, verdicts: &[Verdict]) -> Result<Option<Verdict>, CliError> {
    let Some(text) = text else { return Ok(None) };
    let given = text.parse::<Verdict>().ok().filter(|verdict| verdicts.contains(verdict));
    let names: Vec<&str> = verdicts.iter().map(|verdict| verdict.as_str()).collect();
    let wrong = || CliError::usage(format!("--expect `{text}`: one of {}", names.join(", ")));
    given.map(Some).ok_or_else(wrong)
}

fn features(names: &[String]) -> Result<Vec<Feature>, CliError> {
    let feature = |name: &String| {
        Feature::named(name).map_err(|error| CliError::usage(format!("--feature {name}: {error}")))
    };
    names.iter().map(feature).collect()
}

fn pair<'a>(option: &str, text: &'a str) -> Result<(&'a str, &'a str), CliError> {
    text.split_once('=').ok_or_else(|| CliError::usage(format!("{option} {text}: expected NAME=VALUE")))
}

fn prefixes(option: &str, texts: &[String]) -> Result<Vec<IpNet>, CliError> {
    let one = |text: &str| {
        let net = text.parse::<IpNet>().or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from));
        net.map(|net| net.trunc())
            .map_err(|_| CliError::usage(format!("{option} {text}: expected a prefix such as 10.0.0.0/16")))
    };
    texts.iter().flat_map(|text| text.split(',')).map(|text| one(text.trim())).collect()
}
