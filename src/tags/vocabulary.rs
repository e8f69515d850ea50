//! Names for sets of addresses: words where they say exactly what is meant, else the fewest prefixes.
//!
//! In: words with the exact addresses that each stands for, and a set. Out: an [`AddressName`], a union of
//! terms: a word, a word except other words and prefixes, or a prefix. What the terms stand for is exactly the
//! set; nothing is rounded, and a word that comes close is never used for it.
//!
//! | set | name |
//! | --- | --- |
//! | all of a tag | `ApiManagement` |
//! | all of two | `Sql,Storage` |
//! | most of one | `ApiManagement except 163 prefixes`, `Internet except Storage` |
//! | anything else | `10.0.1.0/24,10.0.9.4` |
//!
//! The name with the fewest items wins: a word, a prefix and an exception are one item each. Words that are
//! equal are told apart by their order. The same words and the same set give the same name.
//!
//! Not here: which words a question knows (`network`), how a name is printed (`report`).

use crate::sets::AddressSet;
use ipnet::IpNet;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Words whose exceptions are worked out with words too; the rest are compared by their prefixes alone.
const BASES_TRIED: usize = 3;

/// Words and the addresses that each stands for.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    words: Vec<Word>,
}

#[derive(Clone, Debug)]
struct Word {
    name: String,
    addresses: AddressSet,
    /// Whether only the input explains it, as a subnet's name.
    local: bool,
}

/// Which addresses of a word count: in a packet both sides are of one family, so where the other side settles
/// the family, `ApiManagement` means its addresses of that family.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Family {
    /// Both families: a name means every address of its words.
    Both,
    /// IPv4 addresses alone.
    V4,
    /// IPv6 addresses alone.
    V6,
}

impl Family {
    /// The members of a set that count.
    pub fn of(self, set: &AddressSet) -> AddressSet {
        match self {
            Self::Both => set.clone(),
            Self::V4 => set.only_v4(),
            Self::V6 => set.only_v6(),
        }
    }
}

/// The name of a set: its terms together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AddressName {
    /// Words before prefixes; none for the set without members.
    pub terms: Vec<Term>,
}

/// A part of a name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Term {
    /// A word, without what is excepted.
    Word {
        /// The word.
        name: String,
        /// What the word stands for and the name does not; empty for the whole word.
        except: Vec<Item>,
    },
    /// A prefix.
    Net(IpNet),
}

/// A word or prefix as such.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Item {
    /// A word.
    Word(String),
    /// A prefix.
    Net(IpNet),
}

impl Vocabulary {
    /// Adds a word, unless one of the name is there or it stands for nothing. Earlier words are preferred.
    pub fn add(&mut self, name: impl Into<String>, addresses: AddressSet) {
        self.push(name.into(), addresses, false);
    }

    /// Adds a word that only the input explains, such as a subnet's name; as [`Self::add`].
    pub fn add_local(&mut self, name: impl Into<String>, addresses: AddressSet) {
        self.push(name.into(), addresses, true);
    }

    /// Adds those words of another vocabulary that a condition holds for.
    pub fn extend(&mut self, other: &Self, holds: impl Fn(&str, &AddressSet) -> bool) {
        for word in other.words.iter().filter(|word| holds(&word.name, &word.addresses)) {
            self.push(word.name.clone(), word.addresses.clone(), word.local);
        }
    }

    fn push(&mut self, name: String, addresses: AddressSet, local: bool) {
        let is_known = self.words.iter().any(|word| word.name.eq_ignore_ascii_case(&name));
        if !is_known && !addresses.is_empty() {
            self.words.push(Word { name, addresses, local });
        }
    }

    /// The words that mean the same everywhere or at this place for everyone: for programs, which do not know
    /// the input's names.
    #[must_use]
    pub fn without_local(&self) -> Self {
        Self { words: self.words.iter().filter(|word| !word.local).cloned().collect() }
    }

    /// What a word stands for, without regard to case.
    pub fn addresses(&self, name: &str) -> Option<&AddressSet> {
        let found = self.words.iter().find(|word| word.name.eq_ignore_ascii_case(name));
        found.map(|word| &word.addresses)
    }

    /// The words in their order.
    pub fn words(&self) -> impl Iterator<Item = (&str, &AddressSet)> {
        self.words.iter().map(|word| (word.name.as_str(), &word.addresses))
    }

    /// The shortest exact name of a set, by the words' addresses of a family; the set must lie in it.
    ///
    /// Cost: for a set of a few prefixes one pass over the words; for others some passes, each linear in the
    /// intervals of the words that meet the set.
    pub fn name(&self, set: &AddressSet, family: Family) -> AddressName {
        let words: Vec<(&str, AddressSet)> = self
            .words
            .iter()
            .map(|word| (word.name.as_str(), family.of(&word.addresses)))
            .filter(|(_, addresses)| !addresses.is_empty())
            .collect();
        if let Some((name, _)) = words.iter().find(|(_, addresses)| addresses == set) {
            return AddressName { terms: vec![Term::whole(name)] };
        }
        Search { words: &words, set, family }.name()
    }
}

/// The search for the name of one set that no word equals.
struct Search<'a> {
    words: &'a [(&'a str, AddressSet)],
    set: &'a AddressSet,
    family: Family,
}

/// A word that holds a part of the set, and more.
struct Base<'a> {
    name: &'a str,
    /// The part of the set that it holds.
    covers: AddressSet,
    /// What else it holds.
    outside: AddressSet,
    /// How many prefixes that is.
    too_much: usize,
    /// How many prefixes of the set it does not hold.
    left: usize,
}

impl<'a> Base<'a> {
    fn new(name: &'a str, covers: AddressSet, addresses: &AddressSet, set: (&AddressSet, usize)) -> Self {
        let outside = addresses.difference(&covers);
        let (too_much, left) = (outside.net_count(), set.0.net_count_without(set.1, &covers));
        Self { name, covers, outside, too_much, left }
    }
}

/// A word as a term of a name.
struct Candidate<'a> {
    name: &'a str,
    /// What it adds.
    covers: AddressSet,
    except: Vec<Item>,
}

impl Search<'_> {
    fn name(&self) -> AddressName {
        let prefixes = self.set.net_count();
        let mut candidates = self.whole_words();
        if prefixes > 2 {
            candidates.extend(self.words_with_exceptions(prefixes));
        }
        // As in a cover of a set by sets with costs: the word that saves most comes first.
        let mut chosen: Vec<&Candidate<'_>> = Vec::new();
        let mut rest = self.set.clone();
        let mut left = prefixes;
        while let Some((candidate, after)) = best(&candidates, &rest, left) {
            rest = rest.difference(&candidate.covers);
            left = after;
            chosen.push(candidate);
        }
        drop_superfluous(&mut chosen, &rest, self.set);
        let mut terms: Vec<Term> = chosen.iter().map(|candidate| candidate.term()).collect();
        // Exceptions stand behind what has none, so that nobody reads them with the next word.
        terms.sort_by_key(|term| matches!(term, Term::Word { except, .. } if !except.is_empty()));
        terms.extend(rest.to_nets().into_iter().map(Term::Net));
        AddressName { terms }
    }

    /// Words that lie in the set.
    fn whole_words(&self) -> Vec<Candidate<'_>> {
        let inside = self.words.iter().filter(|(_, addresses)| addresses.is_subset(self.set));
        inside
            .map(|(name, addresses)| Candidate { name, covers: addresses.clone(), except: Vec::new() })
            .collect()
    }

    /// Words that hold a part of the set and more besides.
    fn words_with_exceptions(&self, prefixes: usize) -> Vec<Candidate<'_>> {
        let mut bases: Vec<Base<'_>> = Vec::new();
        for (name, addresses) in self.words {
            let covers = addresses.intersection(self.set);
            if covers.is_empty() || covers == *addresses {
                continue;
            }
            bases.push(Base::new(name, covers, addresses, (self.set, prefixes)));
        }
        for net in self.families() {
            let addresses = AddressSet::from_nets([net]);
            let covers = addresses.intersection(self.set);
            if !covers.is_empty() {
                let name = if net.max_prefix_len() == 32 { "0.0.0.0/0" } else { "::/0" };
                bases.push(Base::new(name, covers, &addresses, (self.set, prefixes)));
            }
        }
        bases.sort_by_key(|base| base.too_much + base.left);
        let apart: Vec<(&str, &AddressSet)> = self
            .words
            .iter()
            .filter(|(_, addresses)| !addresses.meets(self.set))
            .map(|(name, addresses)| (*name, addresses))
            .collect();
        let tried = bases.into_iter().enumerate().filter_map(|(place, base)| {
            let except = if place < BASES_TRIED {
                self.exceptions(&base.outside, &apart)
            } else if base.too_much < prefixes {
                base.outside.to_nets().into_iter().map(Item::Net).collect()
            } else {
                return None;
            };
            let Base { name, covers, .. } = base;
            (except.len() < prefixes).then_some(Candidate { name, covers, except })
        });
        tried.collect()
    }

    /// What is too much of a word, as the fewest words and prefixes that have nothing in common with the set.
    fn exceptions(&self, outside: &AddressSet, apart: &[(&str, &AddressSet)]) -> Vec<Item> {
        let mut items = Vec::new();
        let mut rest = outside.clone();
        // A family that the set has no member of goes whole.
        for net in self.families() {
            let whole = AddressSet::from_nets([net]);
            if whole.meets(&rest) && !whole.meets(self.set) {
                rest = rest.difference(&whole);
                items.push(Item::Net(net));
            }
        }
        let mut left = rest.net_count();
        // What a word saves falls as others are taken, so one that was worth little is not looked at again.
        let saves = |rest: &AddressSet, left: usize, addresses: &AddressSet| {
            left.checked_sub(rest.net_count_without(left, addresses)).filter(|saved| *saved > 0)
        };
        // By what they save; of equal ones the first in order, which stands last here.
        let mut worths: Vec<(usize, usize)> = Vec::new();
        for (place, (_, addresses)) in apart.iter().enumerate() {
            if addresses.meets(&rest)
                && let Some(saved) = saves(&rest, left, addresses)
            {
                worths.push((saved, usize::MAX - place));
            }
        }
        worths.sort_unstable();
        while let Some((_, place)) = worths.pop() {
            let (name, addresses) = apart[usize::MAX - place];
            let Some(saved) = saves(&rest, left, addresses) else { continue };
            if worths.last().is_some_and(|next| *next > (saved, place)) {
                let at = worths.partition_point(|other| *other < (saved, place));
                worths.insert(at, (saved, place));
                continue;
            }
            items.push(Item::Word(name.to_owned()));
            left -= saved;
            rest = rest.difference(addresses);
        }
        items.sort();
        items.extend(rest.to_nets().into_iter().map(Item::Net));
        items
    }

    /// The prefixes of whole families.
    fn families(&self) -> Vec<IpNet> {
        let v4 = IpNet::new_assert(Ipv4Addr::UNSPECIFIED.into(), 0);
        let v6 = IpNet::new_assert(Ipv6Addr::UNSPECIFIED.into(), 0);
        match self.family {
            Family::Both => vec![v4, v6],
            Family::V4 => vec![v4],
            Family::V6 => vec![v6],
        }
    }
}

/// The candidate that leaves the fewest items, if it leaves no more than there are, and what it leaves. The
/// first of equal ones.
fn best<'a, 'c>(
    candidates: &'c [Candidate<'a>],
    rest: &AddressSet,
    left: usize,
) -> Option<(&'c Candidate<'a>, usize)> {
    let mut found: Option<(usize, &Candidate<'a>, usize)> = None;
    for candidate in candidates {
        let cost = 1 + candidate.except.len();
        if cost > left || !candidate.covers.meets(rest) {
            continue;
        }
        let after = rest.net_count_without(left, &candidate.covers);
        let total = cost + after;
        // A whole word may take the place of one prefix; an exception must save something.
        let most = if candidate.except.is_empty() { left } else { left - 1 };
        if total <= most && found.is_none_or(|(least, ..)| total < least) {
            found = Some((total, candidate, after));
        }
    }
    found.map(|(_, candidate, after)| (candidate, after))
}

/// Drops words that later ones made superfluous.
fn drop_superfluous(chosen: &mut Vec<&Candidate<'_>>, rest: &AddressSet, set: &AddressSet) {
    let mut place = 0;
    while place < chosen.len() {
        let others = chosen.iter().enumerate().filter(|(other, _)| *other != place);
        let union = others.fold(rest.clone(), |all, (_, candidate)| all.union(&candidate.covers));
        if union == *set {
            chosen.remove(place);
        } else {
            place += 1;
        }
    }
}

impl Candidate<'_> {
    fn term(&self) -> Term {
        Term::Word { name: self.name.to_owned(), except: self.except.clone() }
    }
}

impl Term {
    /// Whether nothing is excepted.
    pub fn is_whole(&self) -> bool {
        matches!(self, Self::Net(_)) || matches!(self, Self::Word { except, .. } if except.is_empty())
    }

    fn whole(name: &str) -> Self {
        Self::Word { name: name.to_owned(), except: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tags::special;
    use proptest::prelude::*;

    fn set(text: &str) -> AddressSet {
        text.split_whitespace().map(|net| net.parse::<IpNet>().unwrap()).collect()
    }

    fn vocabulary(words: &[(&str, &str)]) -> Vocabulary {
        let mut vocabulary = Vocabulary::default();
        for (name, addresses) in words {
            vocabulary.add(*name, set(addresses));
        }
        vocabulary
    }

    fn item(item: &Item) -> String {
        match item {
            Item::Word(name) => name.clone(),
            Item::Net(net) => net.to_string(),
        }
    }

    fn print(name: &AddressName) -> String {
        let term = |term: &Term| match term {
            Term::Net(net) => net.to_string(),
            Term::Word { name, except } if except.is_empty() => name.clone(),
            Term::Word { name, except } => {
                format!("{name} except {}", except.iter().map(item).collect::<Vec<_>>().join(" and "))
            }
        };
        name.terms.iter().map(term).collect::<Vec<_>>().join(",")
    }

    /// What a name stands for, by its own definition.
    fn meaning(vocabulary: &Vocabulary, name: &AddressName, family: Family) -> AddressSet {
        let word = |name: &str| match name.parse::<IpNet>() {
            Ok(net) => AddressSet::from_nets([net]),
            Err(_) => family.of(vocabulary.addresses(name).unwrap()),
        };
        let of_item = |item: &Item| match item {
            Item::Word(name) => word(name),
            Item::Net(net) => AddressSet::from_nets([*net]),
        };
        name.terms.iter().fold(AddressSet::empty(), |all, term| match term {
            Term::Net(net) => all.union(&AddressSet::from_nets([*net])),
            Term::Word { name, except } => {
                let except = except.iter().fold(AddressSet::empty(), |all, item| all.union(&of_item(item)));
                all.union(&word(name).difference(&except))
            }
        })
    }

    #[test]
    fn the_shortest_exact_name_is_found() {
        let words = vocabulary(&[
            ("Net", "10.0.0.0/16"),
            ("Odd", "20.0.0.0/32 20.0.0.2/32 20.0.0.4/32 20.0.0.6/32 2001:db8::/32 2001:dba::/32"),
            ("Even", "20.0.0.1/32 20.0.0.3/32 20.0.0.5/32 20.0.0.7/32"),
            ("Twin", "10.0.0.0/16"),
            ("Probe", "168.63.129.16/32"),
        ]);
        for (addresses, family, name) in [
            ("10.0.0.0/16", Family::Both, "Net"),
            ("168.63.129.16/32", Family::V4, "Probe"),
            ("10.0.0.0/17", Family::V4, "10.0.0.0/17"),
            ("20.0.0.0/32 20.0.0.2/32 20.0.0.4/32 20.0.0.6/32", Family::V4, "Odd"),
            ("20.0.0.0/32 20.0.0.2/32 20.0.0.4/32 20.0.0.6/32", Family::Both, "Odd except ::/0"),
            ("20.0.0.1/32 20.0.0.3/32 20.0.0.5/32", Family::V4, "Even except 20.0.0.7/32"),
            ("20.0.0.1/32 20.0.0.3/32", Family::V4, "20.0.0.1/32,20.0.0.3/32"),
            (
                "10.0.0.0/16 20.0.0.1/32 20.0.0.3/32 20.0.0.5/32 20.0.0.7/32 30.0.0.0/8",
                Family::V4,
                "Even,Net,30.0.0.0/8",
            ),
            ("20.0.0.0/29", Family::V4, "20.0.0.0/29"),
            ("10.0.0.0/16 168.63.129.16/32", Family::V4, "Net,Probe"),
            ("0.0.0.0/0", Family::V4, "0.0.0.0/0"),
            ("0.0.0.0/1 128.0.0.0/2 192.0.0.0/3 224.0.0.0/4", Family::V4, "0.0.0.0/0 except 240.0.0.0/4"),
            ("", Family::Both, ""),
        ] {
            assert_eq!(print(&words.name(&set(addresses), family)), name, "{addresses}");
        }
        let apart = set("0.0.0.0/0").difference(&set("20.0.0.0/32 20.0.0.2/32 20.0.0.4/32 20.0.0.6/32"));
        assert_eq!(print(&words.name(&apart, Family::V4)), "0.0.0.0/0 except Odd");
        let internet = special::internet().only_v4();
        let mut words = words;
        words.add("Internet", special::internet());
        assert_eq!(print(&words.name(&internet, Family::Both)), "Internet except ::/0");
    }

    fn any_addresses() -> impl Strategy<Value = AddressSet> {
        // Few values, so that words overlap, touch and hold one another.
        let net = (0u8..16, 28u8..=32).prop_map(|(bits, len)| format!("10.0.0.{bits}/{len}"));
        let net6 = (0u8..4, 126u8..=128).prop_map(|(bits, len)| format!("2001:db8::{bits}/{len}"));
        let any = prop_oneof![4 => net, 1 => net6, 1 => Just("0.0.0.0/0".to_owned())];
        proptest::collection::vec(any, 0..6)
            .prop_map(|nets| nets.iter().map(|net| net.parse::<IpNet>().unwrap().trunc()).collect())
    }

    proptest! {
        /// What a set takes without some addresses is counted as if it was worked out.
        #[test]
        fn prefixes_without_some_are_counted_by_what_is_touched(a in any_addresses(), b in any_addresses()) {
            for (set, gone) in [(&a, &b), (&b, &a), (&a.union(&b), &b), (&AddressSet::all(), &a), (&a, &AddressSet::all())] {
                prop_assert_eq!(set.net_count_without(set.net_count(), gone), set.difference(gone).net_count());
            }
        }

        /// Whatever the words, a name stands for exactly its set, and takes no more items than prefixes.
        #[test]
        fn a_name_stands_for_exactly_its_set(
            words in proptest::collection::vec(any_addresses(), 0..6),
            cut in any_addresses(),
            set in any_addresses(),
        ) {
            let mut vocabulary = Vocabulary::default();
            for (place, addresses) in words.into_iter().enumerate() {
                vocabulary.add(format!("word{place}"), addresses);
            }
            let union = vocabulary.words().fold(AddressSet::empty(), |all, (_, word)| all.union(word));
            for set in [set.clone(), union.difference(&cut), set.union(&union).difference(&cut)] {
                for family in [Family::Both, Family::V4, Family::V6] {
                    let set = family.of(&set);
                    let name = vocabulary.name(&set, family);
                    prop_assert_eq!(meaning(&vocabulary, &name, family), set.clone(), "{}", print(&name));
                    let items = |term: &Term| match term {
                        Term::Word { except, .. } => 1 + except.len(),
                        Term::Net(_) => 1,
                    };
                    let items: usize = name.terms.iter().map(items).sum();
                    prop_assert_eq!(set.net_count(), set.to_nets().len());
                    prop_assert!(items <= set.net_count(), "{}", print(&name));
                }
            }
        }
    }
}
