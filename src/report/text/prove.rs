//! Text of `prove`: each property with its answer, what shows it, and how many are true.

use super::packet::hue_of;
use super::paint::{Cell, Columns, Hue, Paint, cell, plain};
use super::{TextOptions, WIDTH};
use crate::analyses::{Evidence, Measure, Proof, Truth};
use crate::model::{Assumption, Direction, Verdict};
use crate::report::phrases::{assumed, by_layer_of, counted, number, place, place_of, wrapped};
use crate::rules::Quantifier;
use crate::sets::{Count, address_count, thousands};
use std::io::{self, Write};

const INDENT: &str = "     ";

/// Pieces of evidence that are shown of one property, unless all are asked for.
const SHOWN: usize = 3;

/// Sets of more packets than this are told by their addresses.
const READABLE: u32 = 1_000_000;

/// Writes the text of `prove`; `tags` names the list that the answers rest on.
///
/// # Errors
/// Those of the writer.
pub fn prove(proofs: &[Proof], options: &TextOptions, tags: &str, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(options.color);
    let one_place = proofs.windows(2).all(|pair| pair[0].place == pair[1].place);
    for proof in proofs.iter().filter(|proof| !options.quiet || proof.truth != Truth::True) {
        head(proof, one_place, paint, out)?;
        evidence(proof, options, paint, out)?;
        for gap in &proof.unknowns {
            let at = gap.origin().map(|origin| format!("  {}", place(origin))).unwrap_or_default();
            writeln!(out, "{INDENT}hangs on {}{}", gap.missing(), paint.put(Hue::Dim, &at))?;
            if let Some(supply) = gap.supply() {
                writeln!(out, "{INDENT}supply it: {supply}")?;
            }
        }
    }
    if !options.quiet {
        taken_for_granted(proofs, paint, out)?;
    }
    summary(proofs, one_place, tags, out)
}

fn head(proof: &Proof, one_place: bool, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let (symbol, hue) = match proof.truth {
        Truth::True => ('+', Hue::Good),
        Truth::False => ('x', Hue::Bad),
        Truth::Unknown => ('?', Hue::Doubt),
    };
    let answer = paint.put(hue, &format!(" {symbol} {:<7}", proof.truth));
    let at = if one_place { String::new() } else { format!("   at {}", proof.place) };
    let written = proof.origin.as_ref().map(|origin| format!("   {}", place(origin))).unwrap_or_default();
    writeln!(out, "{answer}  {}{at}{}", proof.property, paint.put(Hue::Dim, &written))
}

/// The example where one packet settles or opens the answer; who decides all of it where all of it does.
fn evidence(proof: &Proof, options: &TextOptions, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let direction = proof.property.set.direction;
    let most = if options.whole() { usize::MAX } else { SHOWN };
    let by_example = by_example(proof);
    if by_example && proof.evidence.len() > 1 {
        writeln!(out, "{INDENT}{}:", of_all(proof, direction))?;
    }
    let one = |evidence: &Evidence| {
        let (word, hue) = word(evidence.outcome.verdict);
        let amount = match proof.evidence.len() {
            1 if by_example => of_all(proof, direction),
            1 => whole(&evidence.size, direction),
            _ => measured(&evidence.size, direction),
        };
        let at = evidence.outcome.candidates().first().map(place_of).unwrap_or_default();
        let by = by_layer_of(&evidence.outcome);
        let by = match (by.is_empty(), evidence.outcome.verdict) {
            (true, _) => word.to_owned(),
            (false, Verdict::Unknown) => format!("{word}: {by}"),
            (false, _) => format!("{word} by {by}"),
        };
        vec![plain(amount), cell(by, hue), cell(at, Hue::Dim)]
    };
    let rows: Vec<Vec<Cell>> = proof.evidence.iter().take(most).map(one).collect();
    let columns = Columns::fit(&rows, 70);
    for row in &rows {
        writeln!(out, "{INDENT}{}", columns.line(row, paint))?;
    }
    if let Some(more) = proof.evidence.len().checked_sub(most).filter(|more| *more > 0) {
        let text = format!("and by {} more: --verbose lists them", number(more));
        writeln!(out, "{INDENT}{}", paint.put(Hue::Dim, &text))?;
    }
    match &proof.witness {
        Some(witness) if by_example => writeln!(out, "{INDENT}for example  {witness}"),
        _ => Ok(()),
    }
}

/// Whether one packet settles the answer, or could.
fn by_example(proof: &Proof) -> bool {
    let one_is_enough = match proof.property.quantifier {
        Quantifier::Some => Truth::True,
        Quantifier::Every | Quantifier::No => Truth::False,
    };
    proof.truth == one_is_enough || proof.truth == Truth::Unknown
}

fn word(verdict: Verdict) -> (&'static str, Hue) {
    (verdict.as_str(), hue_of(verdict))
}

/// `36 of 65,536 packets`, `25 of 2,009 source addresses`.
fn of_all(proof: &Proof, direction: Direction) -> String {
    let (shown, covered) = (&proof.shown, &proof.covered);
    let (some, all) = (shown.remote(direction), covered.remote(direction));
    match () {
        () if shown.packets == covered.packets => whole(covered, direction),
        () if is_readable(covered) => {
            format!("{} of {}", thousands(&shown.packets), measured(covered, direction))
        }
        () if some < all => format!("{} of {}", thousands(some), measured(covered, direction)),
        () => format!("some packets of all {}", measured(covered, direction)),
    }
}

/// `all 65,536 packets`.
fn whole(size: &Measure, direction: Direction) -> String {
    match size.packets == Count::from(1u8) {
        true => "its one packet".to_owned(),
        false => format!("all {}", measured(size, direction)),
    }
}

/// `1 packet`, `65,536 packets`; of many packets the addresses of the other side.
fn measured(size: &Measure, direction: Direction) -> String {
    if is_readable(size) {
        let one = size.packets == Count::from(1u8);
        return format!("{} {}", thousands(&size.packets), if one { "packet" } else { "packets" });
    }
    let side = match direction {
        Direction::Inbound => "source",
        Direction::Outbound => "destination",
    };
    let addresses = address_count(size.remote(direction));
    addresses.split_once(' ').map_or(String::new(), |(count, word)| format!("{count} {side} {word}"))
}

fn is_readable(size: &Measure) -> bool {
    size.packets <= Count::from(READABLE)
}

/// What the answers rest on, once each.
fn taken_for_granted(proofs: &[Proof], paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let mut all: Vec<&Assumption> = Vec::new();
    for assumption in proofs.iter().flat_map(|proof| &proof.assumptions) {
        if !all.contains(&assumption) {
            all.push(assumption);
        }
    }
    for assumption in all {
        for (line, text) in wrapped(&assumed(assumption), WIDTH).iter().enumerate() {
            let head = if line == 0 { "taken for granted: " } else { "                   " };
            writeln!(out, "{head}{}", paint.put(Hue::Dim, text))?;
        }
    }
    Ok(())
}

fn summary(proofs: &[Proof], one_place: bool, tags: &str, out: &mut dyn Write) -> io::Result<()> {
    let at = match proofs.first() {
        Some(proof) if one_place => format!(" at {}", proof.place),
        _ => String::new(),
    };
    let counts: Vec<String> = Truth::ALL
        .iter()
        .map(|truth| (truth, proofs.iter().filter(|proof| proof.truth == *truth).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(truth, count)| format!("{} {truth}", number(count)))
        .collect();
    let properties = counted(proofs.len(), "property", "properties");
    writeln!(out, "{properties}{at}: {} ({tags})", counts.join(", "))
}
