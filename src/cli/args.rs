//! What can be typed. What it means is worked out in `plan`.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Says before deployment which network flows of Azure API Management are blocked, by which rule, in which line.
///
/// Reads ARM templates (compiled Bicep too), plans and states of Terraform as JSON, and the JSON of `az` and
/// REST. Works offline: service tags and the catalogue of flows are part of the program.
///
/// Exit status: 0 fine; 1 something is blocked, or an expectation fails; 2 the question could not be asked;
/// 3 nothing is blocked, but an answer is unknown.
#[derive(Debug, Parser)]
#[command(name = "flowcheck", version, propagate_version = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The questions.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Which flows of every API Management instance are blocked, by which rule, in which line
    Check(CheckArgs),
    /// Rules that decide nothing or change nothing, faults of rules, near misses
    Lint(LintArgs),
    /// What a file is and holds: counts, what is not settled, what was not looked at
    Inspect(InspectArgs),
    /// What there is in a network and how it hangs together, as text or as a picture
    Map(MapArgs),
    /// What becomes of one packet, or of many, and which rule decides
    Packet(PacketArgs),
    /// Whether a port is reachable, from where, and which rule decides
    Reach(ReachArgs),
    /// Where traffic that leaves a subnet goes: next hop, address, and the route that sends it there
    Route(RouteArgs),
    /// All pairs of subnets for a port: who reaches whom
    Matrix(MatrixArgs),
    /// What differs between two inputs as traffic: newly allowed, newly blocked, by which rule
    Diff(DiffArgs),
    /// What Azure says is in force, against what an input says: rules, tags, routes, an instance's own status
    Conform(ConformArgs),
    /// Run scenario files, like a test runner
    Test(TestArgs),
    /// Whether a property holds for every packet of a set, with a packet that shows it when it does not
    Prove(ProveArgs),
    /// The catalogue of flows that API Management needs
    Flows(FlowsArgs),
    /// Service tags: what they hold, who holds an address, what changed
    #[command(subcommand)]
    Tags(TagsCommand),
    /// What a flow, a finding code, a switch or a symptom means, and what to do
    Explain(ExplainArgs),
}

/// When to colour.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum ColorWhen {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Where the answer goes, and how much of it.
#[derive(Args, Debug)]
pub(crate) struct OutputArgs {
    /// Output format: text or json; NAME=FILE writes it to a file; repeatable
    #[arg(long, value_name = "NAME[=FILE]")]
    pub(crate) format: Vec<String>,
    /// Write the answer to a file instead of the terminal
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// When to colour
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    pub(crate) color: ColorWhen,
    /// Only what is not fine, and the summary
    #[arg(long, short, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Every detail of what is shown
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

/// The service tag list.
#[derive(Args, Debug)]
pub(crate) struct TagArgs {
    /// Service tag list to use: Microsoft's JSON (download or `az network list-service-tags`) or our text form
    #[arg(long, value_name = "FILE")]
    pub(crate) service_tags: Option<PathBuf>,
}

/// What evaluation rests on.
#[derive(Args, Debug)]
pub(crate) struct GroundArgs {
    #[command(flatten)]
    pub(crate) tags: TagArgs,
    /// Cloud of the network: Public, AzureGovernment or AzureChina (default: by its regions)
    #[arg(long, value_name = "CLOUD")]
    pub(crate) cloud: Option<String>,
    /// Template parameter file; repeatable, later ones win
    #[arg(long, value_name = "FILE")]
    pub(crate) parameters: Vec<PathBuf>,
    /// Value of one template parameter; repeatable, wins over files
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) set: Vec<String>,
    /// Value of a catalogue parameter such as client_sources or dns_servers; repeatable (`flowcheck flows --params` lists them)
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) param: Vec<String>,
    /// The subnet that is asked
    #[arg(long, value_name = "NAME")]
    pub(crate) subnet: Option<String>,
    /// The network security group that is asked, where its subnet is not in the input
    #[arg(long, value_name = "NAME")]
    pub(crate) nsg: Option<String>,
    /// Address space of the virtual network, where the input lacks it; repeatable
    #[arg(long, value_name = "PREFIX")]
    pub(crate) vnet_prefix: Vec<String>,
    /// Prefix of the subnet, where the input lacks it; repeatable
    #[arg(long, value_name = "PREFIX")]
    pub(crate) subnet_prefix: Vec<String>,
    /// Address space of peered networks, where the input lacks it; repeatable
    #[arg(long, value_name = "PREFIX")]
    pub(crate) peer_prefix: Vec<String>,
    /// Mode of the instance: external, internal, injected, integrated or none
    #[arg(long, value_name = "MODE")]
    pub(crate) mode: Option<String>,
    /// Tier of the instance, such as Developer, Premium or PremiumV2
    #[arg(long, value_name = "TIER")]
    pub(crate) tier: Option<String>,
    /// Region of the instance's primary location
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// Feature of the instance that is on; repeatable (`flowcheck flows --features` lists them)
    #[arg(long, value_name = "NAME")]
    pub(crate) feature: Vec<String>,
    /// State of the documents that counts: YYYY, YYYY-MM, YYYY-MM-DD or seed (default: the newest)
    #[arg(long, value_name = "DATE")]
    pub(crate) profile: Option<String>,
    /// Read the input as this kind instead of recognising it by content
    #[arg(long = "as", value_name = "KIND")]
    pub(crate) as_kind: Option<String>,
    /// Compile Bicep sources with the `bicep` or `az` program on the PATH
    #[arg(long)]
    pub(crate) bicep: bool,
    /// Read all inputs as one network; without it each template is a network of its own
    #[arg(long)]
    pub(crate) join: bool,
    /// Name of what is read from standard input, for messages
    #[arg(long, value_name = "NAME")]
    pub(crate) stdin_filename: Option<String>,
}

/// How the answer becomes an exit status.
#[derive(Args, Debug)]
pub(crate) struct JudgeArgs {
    /// Least severity that makes the exit status 1: error, warning or note
    #[arg(long, value_name = "SEVERITY", default_value = "error")]
    pub(crate) fail_on: String,
    /// Take unknown answers as allowed (status 0) or as blocked (status 1) instead of status 3
    #[arg(long, value_name = "allow|deny")]
    pub(crate) unknown: Option<String>,
    /// Turn status 1 and 3 into 0
    #[arg(long)]
    pub(crate) exit_zero: bool,
}

/// `flowcheck check`.
#[derive(Args, Debug)]
pub(crate) struct CheckArgs {
    /// Templates or exports: files, directories, or - for standard input
    #[arg(required = true, value_name = "INPUT")]
    pub(crate) inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) ground: GroundArgs,
    #[command(flatten)]
    pub(crate) judge: JudgeArgs,
    /// List every flow and finding, optional ones too
    #[arg(long)]
    pub(crate) all: bool,
    /// An input without anything to check is no error
    #[arg(long)]
    pub(crate) allow_empty: bool,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `flowcheck lint`.
#[derive(Args, Debug)]
pub(crate) struct LintArgs {
    /// Templates or exports: files, directories, or - for standard input
    #[arg(required = true, value_name = "INPUT")]
    pub(crate) inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) ground: GroundArgs,
    #[command(flatten)]
    pub(crate) judge: JudgeArgs,
    /// List every finding, and every rule with what is left of it
    #[arg(long)]
    pub(crate) all: bool,
    /// An input without any rule is no error
    #[arg(long)]
    pub(crate) allow_empty: bool,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `flowcheck inspect`.
#[derive(Args, Debug)]
pub(crate) struct InspectArgs {
    /// Files of any kind, directories, or - for standard input
    #[arg(required = true, value_name = "INPUT")]
    pub(crate) inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) ground: GroundArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `map` draws too.
const MAP_FORMATS: &str =
    "Output format: text, dot (Graphviz), mermaid or json; NAME=FILE writes it to a file; repeatable";

/// `flowcheck map`.
#[derive(Args, Debug)]
#[command(mut_arg("format", |format| format.help(MAP_FORMATS)))]
pub(crate) struct MapArgs {
    /// Template or export: a file, a directory, or - for standard input
    #[arg(value_name = "INPUT")]
    pub(crate) input: PathBuf,
    #[command(flatten)]
    pub(crate) ground: GroundArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `packet` can write CSV too.
const PACKET_FORMATS: &str =
    "Output format: text or json, with --batch csv; NAME=FILE writes it to a file; repeatable";

/// `flowcheck packet`.
#[derive(Args, Debug)]
#[command(mut_arg("format", |format| format.help(PACKET_FORMATS)))]
pub(crate) struct PacketArgs {
    /// Template or export: a file, or - for standard input
    #[arg(value_name = "INPUT")]
    pub(crate) input: PathBuf,
    /// Packets such as 'In Tcp 13.69.64.76 -> 10.0.1.5:3443'
    #[arg(value_name = "PACKET", required_unless_present = "batch")]
    pub(crate) packets: Vec<String>,
    /// Each rule in order, with the first field that does not match
    #[arg(long)]
    pub(crate) trace: bool,
    /// CSV file of packets, or - for standard input; columns direction, protocol, src, sport, dst, dport
    #[arg(long, value_name = "FILE", conflicts_with_all = ["packets", "trace"])]
    pub(crate) batch: Option<PathBuf>,
    /// Make the exit status 1 unless every packet has this verdict: allowed or blocked
    #[arg(long, value_name = "VERDICT")]
    pub(crate) expect: Option<String>,
    #[command(flatten)]
    pub(crate) ground: GroundArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `flowcheck reach`.
#[derive(Args, Debug)]
pub(crate) struct ReachArgs {
    /// Template or export: a file, or - for standard input
    #[arg(value_name = "INPUT")]
    pub(crate) input: PathBuf,
    /// Side that opens the connection: tags, prefixes, addresses, subnets, with commas (default: everyone; with --direction out the own subnet)
    #[arg(long, value_name = "SIDE")]
    pub(crate) from: Option<String>,
    /// Side that is asked (default: the own subnet; with --direction out everyone)
    #[arg(long, value_name = "SIDE")]
    pub(crate) to: Option<String>,
    /// Ports of the side that is asked: 443, 80,443, 1024-65535 or all; repeatable
    #[arg(long, value_name = "PORTS")]
    pub(crate) port: Vec<String>,
    /// Protocol: tcp, udp, icmp, esp, ah, a number or *; several with commas
    #[arg(long, value_name = "PROTOCOL", default_value = "tcp")]
    pub(crate) protocol: String,
    /// Which way the connection is opened, seen from one subnet that is asked alone: in or out (default: in; with both --from and --to the whole way between them is asked)
    #[arg(long, value_name = "DIRECTION")]
    pub(crate) direction: Option<String>,
    /// Every class and every exact part, with every prefix
    #[arg(long)]
    pub(crate) all: bool,
    /// Make the exit status 1 unless all of it has this verdict: allowed or blocked (or partial, unknown)
    #[arg(long, value_name = "VERDICT")]
    pub(crate) expect: Option<String>,
    #[command(flatten)]
    pub(crate) ground: GroundArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `flowcheck route`.
#[derive(Args, Debug)]
pub(crate) struct RouteArgs {
    /// Template or export: a file, or - for standard input
    #[arg(value_name = "INPUT")]
    pub(crate) input: PathBuf,
    /// The subnet that the traffic leaves (default: the only one, or that of --subnet)
    #[arg(long, value_name = "SUBNET")]
    pub(crate) from: Option<String>,
    /// Where it goes: tags, prefixes, addresses, subnets, with commas (default: every address)
    #[arg(long, value_name = "ADDRESSES", default_value = "*")]
    pub(crate) to: String,
    /// Every prefix
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) ground: GroundArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `flowcheck matrix`.
#[derive(Args, Debug)]
pub(crate) struct MatrixArgs {
    /// Template or export: a file, or - for standard input
    #[arg(value_name = "INPUT")]
    pub(crate) input: PathBuf,
    /// Ports of the subnets that are asked: 443, 80,443, 1024-65535 or all; repeatable
    #[arg(long, value_name = "PORTS")]
    pub(crate) port: Vec<String>,
    /// Protocol: tcp, udp, icmp, esp, ah, a number or *; several with commas
    #[arg(long, value_name = "PROTOCOL", default_value = "tcp")]
    pub(crate) protocol: String,
    #[command(flatten)]
    pub(crate) ground: GroundArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `flowcheck diff`.
#[derive(Args, Debug)]
pub(crate) struct DiffArgs {
    /// The input before: a file, a directory, or - for standard input
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,
    /// The input after; may be left out for a what-if result (before against after), and where tag lists or parameter files are compared
    #[arg(value_name = "NEW")]
    pub(crate) new: Option<PathBuf>,
    /// Compare the required flows of API Management only
    #[arg(long)]
    pub(crate) flows: bool,
    /// Compare one direction only: in or out
    #[arg(long, value_name = "DIRECTION", conflicts_with = "flows")]
    pub(crate) direction: Option<String>,
    /// Service tag list of the old side, instead of --service-tags or the embedded one
    #[arg(long, value_name = "FILE")]
    pub(crate) old_service_tags: Option<PathBuf>,
    /// Service tag list of the new side
    #[arg(long, value_name = "FILE")]
    pub(crate) new_service_tags: Option<PathBuf>,
    /// Template parameter file of the old side, after those of --parameters; repeatable
    #[arg(long, value_name = "FILE")]
    pub(crate) old_parameters: Vec<PathBuf>,
    /// Template parameter file of the new side; repeatable
    #[arg(long, value_name = "FILE")]
    pub(crate) new_parameters: Vec<PathBuf>,
    /// Make the exit status 1 when anything differs, 3 when it is not certain that nothing does
    #[arg(long)]
    pub(crate) fail_on_change: bool,
    /// List every change with every prefix, and places without any
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) ground: GroundArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `flowcheck conform`.
#[derive(Args, Debug)]
#[command(mut_arg("fail_on", |option| option.default_value("warning")))]
pub(crate) struct ConformArgs {
    /// What Azure answers: effective rules or routes of an interface, or an instance's network status; a file, a directory of them, or - for standard input
    #[arg(value_name = "DUMP")]
    pub(crate) dump: PathBuf,
    /// The template or export that it should agree with
    #[arg(value_name = "INPUT")]
    pub(crate) input: PathBuf,
    #[command(flatten)]
    pub(crate) ground: GroundArgs,
    #[command(flatten)]
    pub(crate) judge: JudgeArgs,
    /// List every difference, endpoint and route
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `flowcheck test`.
#[derive(Args, Debug)]
pub(crate) struct TestArgs {
    /// Scenario files, or directories of them
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) tags: TagArgs,
    /// A run over no scenario is no error
    #[arg(long)]
    pub(crate) allow_empty: bool,
    /// Turn status 1 into 0
    #[arg(long)]
    pub(crate) exit_zero: bool,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `flowcheck prove`.
#[derive(Args, Debug)]
pub(crate) struct ProveArgs {
    /// Template or export: a file, or - for standard input
    #[arg(value_name = "INPUT")]
    pub(crate) input: PathBuf,
    /// Properties such as 'every In Tcp Internet:* -> apim:22 is blocked': every, some or no, then allowed or blocked
    #[arg(value_name = "PROPERTY", required_unless_present = "files")]
    pub(crate) properties: Vec<String>,
    /// File of properties, one a line, or a YAML list, or a scenario with `properties`; repeatable
    #[arg(long = "properties", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) ground: GroundArgs,
    /// Let unknown properties pass (status 0) or fail (status 1) instead of status 3
    #[arg(long, value_name = "allow|deny")]
    pub(crate) unknown: Option<String>,
    /// Turn status 1 and 3 into 0
    #[arg(long)]
    pub(crate) exit_zero: bool,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `flowcheck flows`.
#[derive(Args, Debug)]
pub(crate) struct FlowsArgs {
    /// Only these flows, by id
    #[arg(value_name = "ID")]
    pub(crate) ids: Vec<String>,
    /// Only rows of this tier
    #[arg(long, value_name = "TIER")]
    pub(crate) tier: Option<String>,
    /// Only rows of this mode
    #[arg(long, value_name = "MODE")]
    pub(crate) mode: Option<String>,
    /// Only rows that this feature asks for
    #[arg(long, value_name = "NAME")]
    pub(crate) feature: Option<String>,
    /// Only rows of this level: required, required-if, recommended, optional-feature or disputed
    #[arg(long, value_name = "LEVEL")]
    pub(crate) level: Option<String>,
    /// Only rows that count at this date, or seed (default: the newest; `any` for every record)
    #[arg(long, value_name = "DATE")]
    pub(crate) profile: Option<String>,
    /// List the parameters of the catalogue instead
    #[arg(long, conflicts_with_all = ["ids", "features"])]
    pub(crate) params: bool,
    /// List the features of the catalogue instead
    #[arg(long, conflicts_with = "ids")]
    pub(crate) features: bool,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `flowcheck tags`.
#[derive(Debug, Subcommand)]
pub(crate) enum TagsCommand {
    /// Prefixes, counts and regional forms of a tag
    Show {
        /// The tag
        tag: String,
        #[command(flatten)]
        tags: TagArgs,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Every tag that holds all or part of an address or prefix
    Which {
        /// An address or a prefix
        #[arg(value_name = "ADDRESS|CIDR")]
        address: String,
        #[command(flatten)]
        tags: TagArgs,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// What changed between two lists
    Diff {
        /// The older list
        old: PathBuf,
        /// The newer list
        new: PathBuf,
        /// Only this tag
        #[arg(long, value_name = "TAG")]
        tag: Option<String>,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Write our text form of a list in Microsoft's JSON
    Import {
        /// The list
        file: PathBuf,
        /// Date of the list, as 2025-11-10 (default: the eight digits of the file's name)
        #[arg(long, value_name = "DATE")]
        date: Option<String>,
        /// Where to write it (default: the terminal)
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

/// `flowcheck explain`.
#[derive(Args, Debug)]
pub(crate) struct ExplainArgs {
    /// A flow id, a finding code, a switch such as U7, a clause such as S72, or a symptom in words
    #[arg(required = true, value_name = "WHAT")]
    pub(crate) what: Vec<String>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}
