//! What a flow's quantifier makes of the share that gets through.

use crate::flows::{Ask, Asks};
use crate::model::Verdict;
use crate::sets::{AddressSet, PacketSet};
use crate::walk::{Part, share_verdict};

/// A flow's verdict, and whether only a part beside its core is lost.
pub(super) struct Judged {
    pub(super) verdict: Verdict,
    pub(super) beside_core: bool,
}

/// Judges the parts of a flow (reference, section 2: all, some, none of the set allowed).
pub(super) fn judge(ask: &Ask, parts: &[Part], inbound: bool) -> Judged {
    let plain = |verdict| Judged { verdict, beside_core: false };
    let whole = share_verdict(parts);
    match ask.asks {
        // A flow without a packet to ask has nothing that could get through.
        _ if parts.is_empty() => plain(Verdict::Unknown),
        Asks::All => match &ask.core {
            Some((core, _)) if whole != Verdict::Allowed => with_core(core, parts, whole, inbound),
            _ => plain(whole),
        },
        Asks::SomeRegion => plain(whichever_region(ask, parts, whole, inbound)),
        Asks::Some => plain(some_is_enough(ask, parts, whole, inbound)),
        Asks::Hosts => plain(match whole {
            // Somewhere in the set lie the hosts: some of it open settles nothing, unless every address is
            // certainly closed to some instance or on some port.
            Verdict::Partial if !not_closed(ask, parts, inbound).is_empty() => Verdict::Unknown,
            settled => settled,
        }),
    }
}

/// The region is not known: the verdict that every region's part would get, or unknown.
fn whichever_region(ask: &Ask, parts: &[Part], whole: Verdict, inbound: bool) -> Verdict {
    if whole != Verdict::Partial {
        return whole;
    }
    let of_region = |region: &AddressSet| share_verdict(&within(parts, &at_side(region, inbound)));
    let mut verdicts = ask.regions.iter().map(of_region);
    match verdicts.next() {
        Some(first) if verdicts.all(|verdict| verdict == first) => first,
        _ => Verdict::Unknown,
    }
}

/// The parts cut to some packets; those without any are left out.
pub(super) fn within(parts: &[Part], packets: &PacketSet) -> Vec<Part> {
    parts
        .iter()
        .map(|part| Part { packets: part.packets.intersection(packets), ..part.clone() })
        .filter(|part| !part.packets.is_empty())
        .collect()
}

/// Whether something that the flow needs is certainly blocked, although its verdict is not settled: all of it
/// is needed, and a part of it does not get through.
pub(super) fn certainly_lost(ask: &Ask, parts: &[Part], verdict: Verdict) -> bool {
    verdict == Verdict::Unknown
        && ask.asks == Asks::All
        && ask.core.is_none()
        && parts.iter().any(|part| part.verdict() == Verdict::Blocked)
}

/// Section 13 of the reference: a blocked core blocks the flow; with the core open the loss of the rest is
/// partial.
fn with_core(core: &AddressSet, parts: &[Part], whole: Verdict, inbound: bool) -> Judged {
    let of_core = within(parts, &at_side(core, inbound));
    let has = |verdict| of_core.iter().any(|part| part.verdict() == verdict);
    let verdict = match () {
        () if has(Verdict::Blocked) => Verdict::Blocked,
        () if has(Verdict::Unknown) => Verdict::Unknown,
        () => whole,
    };
    Judged { verdict, beside_core: verdict == Verdict::Partial }
}

/// One remote address that every instance can talk to on every port is enough.
fn some_is_enough(ask: &Ask, parts: &[Part], whole: Verdict, inbound: bool) -> Verdict {
    if whole == Verdict::Allowed || !fully_open(ask, parts, inbound).is_empty() {
        return Verdict::Allowed;
    }
    if !not_closed(ask, parts, inbound).is_empty() { Verdict::Unknown } else { whole }
}

/// Remote addresses of which every packet is allowed.
fn fully_open(ask: &Ask, parts: &[Part], inbound: bool) -> AddressSet {
    ask.remote.difference(&remote_of(parts, inbound, |verdict| verdict != Verdict::Allowed))
}

/// Remote addresses of which no packet is certainly blocked.
fn not_closed(ask: &Ask, parts: &[Part], inbound: bool) -> AddressSet {
    ask.remote.difference(&remote_of(parts, inbound, |verdict| verdict == Verdict::Blocked))
}

fn remote_of(parts: &[Part], inbound: bool, wanted: impl Fn(Verdict) -> bool) -> AddressSet {
    Part::addresses(parts.iter().filter(|part| wanted(part.verdict())), inbound)
}

/// All packets with these addresses at one side.
pub(super) fn at_side(addresses: &AddressSet, source: bool) -> PacketSet {
    let any = AddressSet::all;
    let (source, destination) = if source { (addresses.clone(), any()) } else { (any(), addresses.clone()) };
    PacketSet::between(source, destination)
}
