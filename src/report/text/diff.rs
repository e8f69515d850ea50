//! Text of `diff`: each place with what changes there, then what only one input has, then the sum.

use super::paint::{Cell, Columns, Hue, Paint, cell, plain};
use super::{TextOptions, WIDTH, findings};
use crate::analyses::Ratio;
use crate::analyses::diff::{
    Cause, ChangeKind, DiffAnswer, DirectionDiff, FlowChange, FlowTurn, FlowsDiff, GroupState, LocationHead,
    MatchedBy, PlaceDiff, PlaceKind, PlaceSide, TrafficChange,
};
use crate::model::{Assumption, Direction, Gap};
use crate::report::changed::{self, DiffHead};
use crate::report::packets::Namer;
use crate::report::phrases::{assumed, counted, listed, number, place, place_of, wrapped};
use crate::report::rows::packets_at;
use crate::report::tags_line;
use crate::sets::{AddressSet, Count, address_count, thousands};
use crate::walk::Outcome;
use std::io::{self, Write};

/// How many changes of one direction, rows of one change and prefixes of one side are printed at most, unless
/// everything is asked for.
const MOST_CHANGES: usize = 10;
const MOST_ROWS: usize = 3;
const MOST_PREFIXES: usize = 3;

/// How many missing facts are named for one change.
const MOST_GAPS: usize = 3;

const INDENT: &str = "     ";

/// Writes the text of `diff`.
///
/// # Errors
/// Those of the writer.
pub fn diff(
    answer: &DiffAnswer,
    head: &DiffHead,
    options: &TextOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut page = Page::new(options);
    for compared in &answer.places {
        let same = compared.is_equal() && compared.causes.is_empty();
        if !same || options.whole() {
            page.place(compared);
        }
    }
    for (places, mark, input) in [(&answer.removed, '-', "old"), (&answer.added, '+', "new")] {
        for side in places {
            page.only(mark, &side_text(side), &side.origin, input);
        }
    }
    if !answer.removed.is_empty() || !answer.added.is_empty() {
        page.lines.push(String::new());
    }
    page.write(out)?;
    findings::write(head.findings.iter(), options, out)?;
    let assumptions = answer.places.iter().flat_map(|compared| &compared.assumptions);
    taken_for_granted(assumptions, options, out)?;
    writeln!(out, "{}", summary(answer, head))
}

/// Writes the text of `diff --flows`.
///
/// # Errors
/// Those of the writer.
pub fn diff_flows(
    answer: &FlowsDiff,
    head: &DiffHead,
    options: &TextOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut page = Page::new(options);
    for location in answer.locations.iter().filter(|location| !location.flows.is_empty()) {
        page.location(&location.old, &location.new);
        for change in &location.flows {
            page.flow(change, location.new.subnet.as_deref());
        }
        page.lines.push(String::new());
    }
    for (places, mark, input) in [(&answer.removed, '-', "old"), (&answer.added, '+', "new")] {
        for location in places {
            page.only(mark, &location_text(location), &location.origin, input);
        }
    }
    if !answer.removed.is_empty() || !answer.added.is_empty() {
        page.lines.push(String::new());
    }
    page.write(out)?;
    findings::write(head.findings.iter(), options, out)?;
    let changed = answer.locations.iter().filter(|location| !location.flows.is_empty());
    taken_for_granted(changed.flat_map(|location| &location.assumptions), options, out)?;
    writeln!(out, "{}", flows_summary(answer, head))
}

/// Lines put together one after the other.
struct Page<'a> {
    options: &'a TextOptions,
    paint: Paint,
    lines: Vec<String>,
    /// Missing facts whose supply has been told.
    told: Vec<Gap>,
}

impl<'a> Page<'a> {
    fn new(options: &'a TextOptions) -> Self {
        Self { options, paint: Paint(options.color), lines: Vec::new(), told: Vec::new() }
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        self.lines.iter().try_for_each(|line| writeln!(out, "{line}"))
    }

    fn most(&self, usual: usize) -> usize {
        if self.options.whole() { usize::MAX } else { usual }
    }

    fn say(&mut self, indent: &str, text: &str, hue: Hue) {
        let paint = self.paint;
        self.lines
            .extend(wrapped(text, WIDTH).iter().map(|line| format!("{indent}{}", paint.put(hue, line))));
    }

    fn place(&mut self, compared: &PlaceDiff) {
        let PlaceDiff { old, new, .. } = compared;
        // A group that one input shows alone stands at the other one's subnet.
        let shown = if old.kind == PlaceKind::Subnet { old } else { new };
        let shown = if new.kind == PlaceKind::Subnet { new } else { shown };
        let own = match &compared.own {
            Some(own) => changed::prefixes(own, self.most(MOST_PREFIXES)),
            None => "every own address".to_owned(),
        };
        let groups = match (&old.group, &new.group) {
            _ if shown.kind == PlaceKind::Group => String::new(),
            (before, after) if before == after => format!("   {}", changed::group(after)),
            (before, after) => format!("   {}, then {}", changed::group(before), changed::group(after)),
        };
        let at = self.paint.put(Hue::Dim, &two_places(&place(&old.origin), &place(&new.origin)));
        let name = self.paint.put(Hue::Head, &format!("{} {}", kind_of(shown), shown.name));
        self.lines.push(format!("{name}   {own}{groups}   {at}"));
        if !old.name.eq_ignore_ascii_case(&new.name) && compared.matched != MatchedBy::Attachment {
            let why = match compared.matched {
                MatchedBy::OnlyOne => ": each input holds exactly one",
                _ => "",
            };
            self.say(
                "   ",
                &format!("compared with {} {} of the old input{why}", kind_of(old), old.name),
                Hue::Plain,
            );
        }
        for cause in &compared.causes {
            let text = cause_text(cause, self.most(MOST_PREFIXES));
            self.say("   ", &text, Hue::Doubt);
        }
        if compared.is_equal() {
            self.say("   ", "the same for all packets", Hue::Good);
        }
        for direction in &compared.directions {
            self.direction(shown, direction);
        }
        self.lines.push(String::new());
    }

    fn direction(&mut self, side: &PlaceSide, found: &DirectionDiff) {
        let DirectionDiff { direction, changes, words } = found;
        let mut namer = Namer::new(words);
        if changes.is_empty() {
            return;
        }
        self.lines.push(format!("{} {}, {}:", kind_of(side), side.name, direction_word(*direction)));
        let most = self.most(MOST_CHANGES);
        for change in changes.iter().take(most) {
            self.change(change, &mut namer);
        }
        if let Some(left) = changes.get(most..).filter(|left| !left.is_empty()) {
            self.lines.push(format!(" and {} more: --all lists them", counts(left)));
        }
    }

    fn change(&mut self, change: &TrafficChange, namer: &mut Namer<'_>) {
        let (symbol, hue) = symbol(change.kind);
        let (rows, left_out) = namer.largest(&change.packets, self.most(MOST_ROWS));
        let word = format!("{:<13}", changed::kind(change.kind));
        let indent = " ".repeat(word.len() + 5);
        let size = self.paint.put(Hue::Dim, &changed::addresses(&change.remote));
        for (at, row) in rows.iter().enumerate() {
            let text = row.line(self.most(MOST_PREFIXES));
            let mark = match at {
                0 => format!("{} {word}  ", self.paint.put(hue, &format!(" {symbol}"))),
                _ => indent.clone(),
            };
            let size = if at == 0 { format!("   {size}") } else { String::new() };
            self.lines.push(format!("{mark}{text}{size}"));
        }
        if left_out > 0 {
            let more = counted(left_out, "smaller part", "smaller parts");
            self.lines.push(format!("{indent}and {more}: --all lists them"));
        }
        self.deciders(&change.old, &change.new);
        if let Some(witness) = &change.witness {
            self.lines.push(format!("{INDENT}for example  {witness}"));
        }
        self.gaps(change);
    }

    /// What decided before and what decides after, one below the other.
    fn deciders(&mut self, old: &Outcome, new: &Outcome) {
        let line = |word: &str, outcome: &Outcome| -> Vec<Cell> {
            let place = outcome.candidates().first().map(place_of).unwrap_or_default();
            vec![plain(word), plain(changed::decided(outcome)), cell(place, Hue::Dim)]
        };
        let rows = [line("before", old), line("after", new)];
        let columns = Columns::fit(&rows, 70);
        for row in &rows {
            self.lines.push(format!("{INDENT}{}", columns.line(row, self.paint)));
        }
    }

    fn gaps(&mut self, change: &TrafficChange) {
        let mut gaps: Vec<&Gap> = change.old.gaps.iter().chain(&change.new.gaps).collect();
        gaps.sort_by_key(|gap| gap.missing());
        gaps.dedup_by_key(|gap| gap.missing());
        let most = self.most(MOST_GAPS);
        for gap in gaps.iter().take(most) {
            let at = gap.origin().map(|origin| format!("  {}", place(origin))).unwrap_or_default();
            self.lines.push(format!("{INDENT}hangs on {}{}", gap.missing(), self.paint.put(Hue::Dim, &at)));
            let is_new = !self.told.iter().any(|told| told.supply() == gap.supply());
            if let Some(supply) = gap.supply().filter(|_| is_new) {
                self.say(INDENT, &format!("supply it: {supply}"), Hue::Plain);
                self.told.push((*gap).clone());
            }
        }
        if let Some(left) = gaps.get(most..).filter(|left| !left.is_empty()) {
            self.lines.push(format!("{INDENT}and {} more: --all lists them", number(left.len())));
        }
    }

    fn only(&mut self, mark: char, text: &str, origin: &crate::model::Origin, input: &str) {
        let hue = if mark == '+' { Hue::Good } else { Hue::Bad };
        let mark = self.paint.put(hue, &format!(" {mark}"));
        let at = self.paint.put(Hue::Dim, &place(origin));
        self.lines.push(format!("{mark} only in the {input} input: {text}   {at}"));
    }

    fn location(&mut self, old: &LocationHead, new: &LocationHead) {
        let at = self.paint.put(Hue::Dim, &two_places(&place(&old.origin), &place(&new.origin)));
        let text = location_text(new);
        let (name, rest) = text.split_once(' ').unwrap_or((&text, ""));
        self.lines.push(format!("{} {rest}   {at}", self.paint.put(Hue::Head, name)));
        if old.name != new.name || old.subnet != new.subnet {
            self.say("   ", &format!("compared with {} of the old input", location_text(old)), Hue::Plain);
        }
    }

    fn flow(&mut self, change: &FlowChange, subnet: Option<&str>) {
        let FlowChange { turn, old, new, changes } = change;
        let (symbol, hue) = match turn {
            FlowTurn::Opened => ('+', Hue::Good),
            FlowTurn::Closed => ('-', Hue::Bad),
            _ => ('?', Hue::Doubt),
        };
        let mark = self.paint.put(hue, &format!(" {symbol}"));
        let asked = [&new.packets, &old.packets].into_iter().find(|packets| !packets.is_empty());
        let packets = asked.cloned().unwrap_or_else(|| packets_at(new.row, subnet));
        let verdicts = match old.verdict == new.verdict {
            true => format!("{} as before, another part of it", new.verdict),
            false => format!("{}, then {}", old.verdict, new.verdict),
        };
        let name = new.row.id;
        self.lines.push(format!("{mark} {:<18} {name}   {packets}   {verdicts}", changed::turn(*turn)));
        let shares = [old, new].map(|flow| flow.share.as_ref().map(|share| share.remote.clone()));
        if let [Some(before), Some(after)] = &shares
            && before != after
        {
            let of =
                |ratio: &Ratio| format!("{} of {}", thousands(&ratio.allowed), address_count(&ratio.total));
            let old = if before.total == after.total { thousands(&before.allowed) } else { of(before) };
            self.lines.push(format!("{INDENT}open: {old}, then {}", of(after)));
        }
        let most = self.most(MOST_ROWS);
        for part in changes.iter().take(most) {
            self.deciders(&part.old, &part.new);
            if let Some(witness) = &part.witness {
                self.lines.push(format!("{INDENT}for example  {witness}"));
            }
            self.gaps(part);
        }
        if let Some(left) = changes.get(most..).filter(|left| !left.is_empty()) {
            let more = counted(left.len(), "pair of deciders", "pairs of deciders");
            self.lines.push(format!("{INDENT}and {more} more: --all lists them"));
        }
        if changes.is_empty() {
            self.flow_deciders(change);
        }
    }

    /// Where no packet that both inputs ask for changes: what decides each of the two, as far as something does.
    fn flow_deciders(&mut self, change: &FlowChange) {
        for (word, flow) in [("before", &change.old), ("after ", &change.new)] {
            let part = flow.parts.first().map(|part| changed::decided(&part.outcome));
            if let Some(reason) = part.or_else(|| flow.not_applicable.clone()) {
                self.lines.push(format!("{INDENT}{word}  {reason}"));
            }
        }
    }
}

fn two_places(old: &str, new: &str) -> String {
    if old == new { new.to_owned() } else { format!("{old}, {new}") }
}

fn kind_of(side: &PlaceSide) -> &'static str {
    match side.kind {
        PlaceKind::Subnet => "subnet",
        PlaceKind::Group => "nsg",
    }
}

fn side_text(side: &PlaceSide) -> String {
    match side.kind {
        PlaceKind::Subnet => format!("subnet {}, {}", side.name, changed::group(&side.group)),
        PlaceKind::Group => format!("nsg {}, which no subnet of the input uses", side.name),
    }
}

fn location_text(location: &LocationHead) -> String {
    let subnet = location.subnet.as_ref().map(|name| format!(", subnet {name}")).unwrap_or_default();
    format!("{}  {} location{subnet}", location.name, location.location)
}

fn direction_word(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "inbound",
        Direction::Outbound => "outbound",
    }
}

fn symbol(kind: ChangeKind) -> (char, Hue) {
    match kind {
        ChangeKind::NewlyAllowed => ('+', Hue::Good),
        ChangeKind::NewlyBlocked => ('-', Hue::Bad),
        ChangeKind::NewlyUnknown => ('?', Hue::Doubt),
        ChangeKind::NoLongerUnknown => ('!', Hue::Doubt),
        ChangeKind::Unsettled => ('~', Hue::Doubt),
    }
}

fn cause_text(cause: &Cause, most: usize) -> String {
    let maybe = |addresses: &Option<AddressSet>| match addresses {
        Some(addresses) => changed::prefixes(addresses, most),
        None => "not known".to_owned(),
    };
    let then = |what: &str, old: &str, new: &str| format!("{what} differs: {old} before, {new} after");
    match cause {
        Cause::Group { old, new } => {
            let name = |state: &GroupState| match state {
                GroupState::None => "none".to_owned(),
                GroupState::Named(name) => name.clone(),
                GroupState::Unknown(missing) => format!("not known ({missing})"),
            };
            then("the network security group", &name(old), &name(new))
        }
        Cause::SubnetPrefix { old, new } => {
            then("the prefix of the subnet", &changed::prefixes(old, most), &changed::prefixes(new, most))
        }
        Cause::AddressSpace { old, new } => {
            then("the address space of the virtual network", &maybe(old), &maybe(new))
        }
        Cause::Peering { name, there } => match there {
            (false, true) => format!("the peering `{name}` is new"),
            (true, false) => format!("the peering `{name}` is gone"),
            _ => format!("the peering `{name}` differs in access, state or address space"),
        },
        Cause::Routes { old, new } => {
            let name = |table: &Option<String>| table.as_deref().unwrap_or("none").to_owned();
            match old == new {
                true => format!("the routes of `{}` differ", name(new)),
                false => then("the route table", &name(old), &name(new)),
            }
        }
        Cause::VirtualNetwork { gained, lost } => {
            let mut words = Vec::new();
            if !gained.is_empty() {
                words.push(format!("gains {}", changed::prefixes(gained, most)));
            }
            if !lost.is_empty() {
                words.push(format!("loses {}", changed::prefixes(lost, most)));
            }
            format!("so VirtualNetwork {}", listed(&words))
        }
        Cause::Tag { name, gained, lost } => {
            let none = Count::from(0u8);
            let mut words = Vec::new();
            if *gained > none {
                words.push(format!("gains {}", changed::addresses(gained)));
            }
            if *lost > none {
                words.push(format!("loses {}", changed::addresses(lost)));
            }
            format!("the service tag {name} {}", listed(&words))
        }
        Cause::Members { name } => {
            format!("the application security group `{name}` has other members")
        }
    }
}

fn taken_for_granted<'a>(
    assumptions: impl Iterator<Item = &'a Assumption>,
    options: &TextOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut all: Vec<&Assumption> = Vec::new();
    for assumption in assumptions {
        if !all.contains(&assumption) {
            all.push(assumption);
        }
    }
    if all.is_empty() || options.quiet {
        return Ok(());
    }
    let paint = Paint(options.color);
    writeln!(out, "Taken for granted:")?;
    let most = if options.whole() { usize::MAX } else { 6 };
    for assumption in all.iter().take(most) {
        for (at, line) in wrapped(&assumed(assumption), WIDTH).iter().enumerate() {
            writeln!(out, "   {} {}", if at == 0 { '-' } else { ' ' }, paint.put(Hue::Dim, line))?;
        }
    }
    if all.len() > most {
        writeln!(out, "   - {} more: --all lists them", number(all.len() - most))?;
    }
    writeln!(out)
}

/// `2 newly allowed, 1 newly blocked`.
fn counts<'a>(changes: impl IntoIterator<Item = &'a TrafficChange>) -> String {
    let kinds: Vec<ChangeKind> = changes.into_iter().map(|change| change.kind).collect();
    let count = |kind: ChangeKind| kinds.iter().filter(|found| **found == kind).count();
    let words: Vec<String> = ChangeKind::ALL
        .into_iter()
        .map(|kind| (kind, count(kind)))
        .filter(|(_, count)| *count > 0)
        .map(|(kind, count)| format!("{} {}", number(count), changed::kind(kind)))
        .collect();
    words.join(", ")
}

/// `service tags 376`; of two lists both.
fn lists(head: &DiffHead) -> String {
    let (old, new) = (tags_line(&head.old.service_tags), tags_line(&head.new.service_tags));
    if old == new { new } else { format!("{old} before, {new} after") }
}

fn summary(answer: &DiffAnswer, head: &DiffHead) -> String {
    let compared = counted(answer.places.len(), "attachment point", "attachment points");
    let lists = lists(head);
    let directions: Vec<&str> = answer
        .places
        .first()
        .map(|place| place.directions.iter().map(|one| direction_word(one.direction)).collect())
        .unwrap_or_default();
    let only = [(answer.added.len(), "added"), (answer.removed.len(), "removed")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", number(count)));
    let only: Vec<String> = only.collect();
    let only = if only.is_empty() { String::new() } else { format!("; {}", listed(&only)) };
    let changed = answer.places.iter().filter(|place| !place.is_equal()).count();
    let unsettled = answer.count(ChangeKind::Unsettled);
    let total = answer.changes().count();
    if total == 0 && answer.places.is_empty() {
        return format!("No attachment point is in both inputs{only} ({lists}).");
    }
    if total == 0 {
        let directions = listed(&directions);
        return format!("The same for all packets: {compared} compared, {directions}{only} ({lists}).");
    }
    if total == unsettled {
        let parts = counted(unsettled, "set of packets", "sets of packets");
        return format!(
            "No change is certain at {compared}: {parts} may differ, unknown in both inputs{only} ({lists})."
        );
    }
    format!(
        "{} at {} of {compared}: {}{only} ({lists}).",
        counted(total, "change", "changes"),
        number(changed),
        counts(answer.changes())
    )
}

fn flows_summary(answer: &FlowsDiff, head: &DiffHead) -> String {
    let compared: usize = answer.locations.iter().map(|location| location.compared).sum();
    let compared = counted(compared, "required flow", "required flows");
    let lists = lists(head);
    let only = [(answer.added.len(), "added"), (answer.removed.len(), "removed")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", counted(count, "location", "locations")));
    let only: Vec<String> = only.collect();
    let only = if only.is_empty() { String::new() } else { format!("; {}", listed(&only)) };
    let unknown: usize = answer.locations.iter().map(|location| location.unknown).sum();
    let open = match unknown {
        0 => String::new(),
        some => format!("; {} unknown in both inputs", number(some)),
    };
    let total = answer.changes().count();
    if total == 0 {
        return format!("The same for all required flows: {compared} compared{open}{only} ({lists}).");
    }
    let turns = [
        FlowTurn::Opened,
        FlowTurn::Closed,
        FlowTurn::NewlyUnknown,
        FlowTurn::NoLongerUnknown,
        FlowTurn::NewlyRequired,
        FlowTurn::NoLongerRequired,
    ];
    let words: Vec<String> = turns
        .into_iter()
        .map(|turn| (turn, answer.count(turn)))
        .filter(|(_, count)| *count > 0)
        .map(|(turn, count)| format!("{} {}", number(count), changed::turn(turn)))
        .collect();
    format!("{} of {compared} changed: {}{open}{only} ({lists}).", number(total), words.join(", "))
}
