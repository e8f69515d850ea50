//! All addresses at once: which routes are chosen from which address on.
//!
//! Prefixes either contain one another or have nothing in common, so one walk along the addresses with a stack
//! of the prefixes that are open finds every set of covering routes, in time n log n.

use super::choice::{Choice, choose};
use super::{Cover, Length, RouteEntry, RoutePart};
use crate::sets::{AddressSet, Interval, IntervalSet, Point};
use ipnet::IpNet;
use rustc_hash::FxHashMap;
use std::net::IpAddr;

/// Stretches of addresses with their choices.
#[derive(Clone, Debug, Default)]
pub(super) struct Flat {
    v4: Vec<Stretch<u32>>,
    v6: Vec<Stretch<u128>>,
    choices: Vec<Choice>,
}

/// Addresses from `first` to `last` with one choice, by its place.
#[derive(Clone, Copy, Debug)]
struct Stretch<P> {
    first: P,
    last: P,
    choice: usize,
}

/// A prefix as an interval.
#[derive(Clone, Copy)]
struct Span<P> {
    first: P,
    last: P,
    length: Length,
    entry: usize,
}

impl Flat {
    pub(super) fn new(entries: &[RouteEntry], covers: &[Cover], anywhere: &[usize]) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for Cover { net, length, entry } in covers {
            let (length, entry) = (*length, *entry);
            match net {
                IpNet::V4(net) => {
                    let (first, last) = (net.network().to_bits(), net.broadcast().to_bits());
                    v4.push(Span { first, last, length, entry });
                }
                IpNet::V6(net) => {
                    let (first, last) = (net.network().to_bits(), net.broadcast().to_bits());
                    v6.push(Span { first, last, length, entry });
                }
            }
        }
        let mut choices = Choices { entries, anywhere, known: FxHashMap::default(), choices: Vec::new() };
        let v4 = stretches(v4, &mut choices);
        let v6 = stretches(v6, &mut choices);
        Self { v4, v6, choices: choices.choices }
    }

    pub(super) fn choose(&self, address: IpAddr) -> Option<&Choice> {
        let place = match address {
            IpAddr::V4(address) => find(&self.v4, address.to_bits()),
            IpAddr::V6(address) => find(&self.v6, address.to_bits()),
        };
        self.choices.get(place?)
    }

    pub(super) fn partition(&self, asked: &AddressSet) -> Vec<RoutePart> {
        let mut v4 = vec![Vec::new(); self.choices.len()];
        let mut v6 = vec![Vec::new(); self.choices.len()];
        cut(&self.v4, asked.v4.intervals(), &mut v4);
        cut(&self.v6, asked.v6.intervals(), &mut v6);
        let part = |((v4, v6), choice): ((Vec<_>, Vec<_>), &Choice)| RoutePart {
            to: AddressSet { v4: IntervalSet::from_intervals(v4), v6: IntervalSet::from_intervals(v6) },
            choice: choice.clone(),
        };
        let parts = v4.into_iter().zip(v6).zip(&self.choices).map(part);
        let mut parts: Vec<RoutePart> = parts.filter(|part| !part.to.is_empty()).collect();
        parts.sort_by_key(|part| part.to.first());
        parts
    }
}

/// Each list of covering routes is judged once.
struct Choices<'e> {
    entries: &'e [RouteEntry],
    anywhere: &'e [usize],
    known: FxHashMap<Vec<(Length, usize)>, usize>,
    choices: Vec<Choice>,
}

impl Choices<'_> {
    fn of<P>(&mut self, open: &[Span<P>]) -> usize {
        let covers: Vec<(Length, usize)> = open.iter().map(|span| (span.length, span.entry)).collect();
        if let Some(place) = self.known.get(&covers) {
            return *place;
        }
        let choice = choose(self.entries, &mut covers.clone(), self.anywhere);
        let place = self.choices.iter().position(|known| *known == choice).unwrap_or_else(|| {
            self.choices.push(choice);
            self.choices.len() - 1
        });
        self.known.insert(covers, place);
        place
    }
}

fn stretches<P: Point>(mut spans: Vec<Span<P>>, choices: &mut Choices<'_>) -> Vec<Stretch<P>> {
    spans.sort_by(|one, other| one.first.cmp(&other.first).then(other.last.cmp(&one.last)));
    let mut found: Vec<Stretch<P>> = Vec::new();
    let mut open: Vec<Span<P>> = Vec::new();
    // The first address that no stretch has yet; `None` behind the last one there is.
    let mut at = Some(P::FIRST);
    let close = |open: &mut Vec<Span<P>>,
                 at: &mut Option<P>,
                 found: &mut Vec<Stretch<P>>,
                 choices: &mut Choices<'_>| {
        let Some(last) = open.last().map(|span| span.last) else { return };
        if let Some(first) = at.filter(|first| *first <= last) {
            found.push(Stretch { first, last, choice: choices.of(open) });
            *at = last.next();
        }
        open.pop();
    };
    for span in spans {
        while open.last().is_some_and(|top| top.last < span.first) {
            close(&mut open, &mut at, &mut found, choices);
        }
        match (at, span.first.previous()) {
            (Some(first), Some(last)) if first <= last && !open.is_empty() => {
                found.push(Stretch { first, last, choice: choices.of(&open) });
            }
            _ => {}
        }
        at = at.map(|at| at.max(span.first));
        open.push(span);
    }
    while !open.is_empty() {
        close(&mut open, &mut at, &mut found, choices);
    }
    found
}

fn find<P: Point>(stretches: &[Stretch<P>], address: P) -> Option<usize> {
    let place = stretches.partition_point(|stretch| stretch.last < address);
    stretches.get(place).filter(|stretch| stretch.first <= address).map(|stretch| stretch.choice)
}

/// Cuts intervals at the stretches; `parts` has one list for each choice.
fn cut<P: Point>(stretches: &[Stretch<P>], asked: &[Interval<P>], parts: &mut [Vec<(P, P)>]) {
    let mut place = 0;
    for interval in asked {
        place += stretches[place..].partition_point(|stretch| stretch.last < interval.first);
        for stretch in stretches[place..].iter().take_while(|stretch| stretch.first <= interval.last) {
            let (first, last) = (stretch.first.max(interval.first), stretch.last.min(interval.last));
            parts[stretch.choice].push((first, last));
        }
    }
}
