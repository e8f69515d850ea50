//! What an expression refers to, through variables and outputs of modules at any depth.
//!
//! A plan does not show expressions, only which names stand in them: `azurerm_subnet.s[each.key].id` is
//! `azurerm_subnet.s` and `each.key`. From that a resource is told when only one can be meant:
//!
//! - one resource of the type that the attribute asks for stands there, and nothing else that may hold an id;
//! - of several instances the one with the key that stands there: written out, or `each.key` where every own
//!   key is a key of the other, or `count.index` where both have the same number;
//! - or a key that a variable or `each.value` gives, where the plan shows its value and it is a text: with a
//!   number an expression may count on.
//!
//! Anything else is lost, with the reason and the instances that may be meant.

use super::address::{Head, Index, Module, Reference, Step, whole};
use super::document::{Instance, declaration};
use super::keys::{Among, From, Key, descend_by, joined, keys_of};
use super::kinds::{self, Role};
use super::plan::Plan;
use super::values::Said;
use crate::sources::json::Node;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// How many references are followed for one attribute.
const BUDGET: u32 = 2_000;
/// How deep variables and outputs may lead.
const MAX_DEPTH: u32 = 64;

/// How many resources are named that may be meant; of more it may be any.
const MOST_CANDIDATES: usize = 100;

/// What an expression stands for.
#[derive(Clone, Debug)]
pub(super) enum Found<'d> {
    /// A resource, by its number.
    One(usize),
    /// A value that is known, or nothing.
    Value(Option<&'d Node>),
    /// Nobody can tell.
    Lost(Lost),
}

/// Why a reference leads nowhere.
#[derive(Clone, Debug, Default)]
pub(super) struct Lost {
    pub(super) why: String,
    /// The resources that may be meant; empty where any may be.
    pub(super) candidates: Vec<usize>,
}

fn lost<'d>(why: impl Into<String>) -> Found<'d> {
    Found::Lost(Lost { why: why.into(), candidates: Vec::new() })
}

/// Where an expression stands.
#[derive(Clone)]
struct Scope<'d> {
    module: Module,
    each: Option<Each<'d>>,
}

/// One instance among those of `count` or `for_each`.
#[derive(Clone)]
struct Each<'d> {
    index: Index,
    among: Among,
    for_each: Option<&'d Node>,
}

/// What is looked for.
#[derive(Clone, Copy)]
pub(super) struct Want<'w> {
    /// Azure's type.
    pub(super) kind: &'w str,
    /// Whether the expression may hold other resources too, as the body of a whole resource does.
    pub(super) among_others: bool,
}

/// Finds what expressions refer to.
pub(super) struct Resolver<'d, 'p> {
    plan: &'p Plan<'d>,
    /// Azure's type of each instance.
    kinds: &'p [Option<Arc<str>>],
    compared: &'p RefCell<Compared>,
    left: u32,
    depth: u32,
}

/// Which instances have the same keys as which others.
pub(super) type Compared = HashMap<(Among, Among), bool>;

impl<'d, 'p> Resolver<'d, 'p> {
    pub(super) fn new(
        plan: &'p Plan<'d>,
        kinds: &'p [Option<Arc<str>>],
        compared: &'p RefCell<Compared>,
    ) -> Self {
        Self { plan, kinds, compared, left: BUDGET, depth: 0 }
    }

    /// What an attribute of an instance refers to.
    pub(super) fn attribute(&mut self, instance: &Instance, path: &[&str], want: Want<'_>) -> Found<'d> {
        let Some(expression) = self.plan.expression(instance, path) else {
            return if self.plan.configuration.is_empty() {
                lost("no `configuration` shows what it refers to")
            } else {
                lost("the `configuration` does not show what it refers to, as in `dynamic` blocks")
            };
        };
        self.expression(expression, &[], &[], &self.scope_of(instance), want)
    }

    /// Every resource that an attribute names, where it is nothing but a list of them.
    pub(super) fn all(&mut self, instance: &Instance, path: &[&str], want: Want<'_>) -> Option<Vec<usize>> {
        let references = self.plan.expression(instance, path)?.get("references")?.items();
        let scope = self.scope_of(instance);
        let mut all = Vec::new();
        for text in whole(references) {
            let reference = Reference::parse(text)?;
            let Head::Resource { data, kind, name } = &reference.head else { return None };
            let list = self.plan.block(&scope.module, &declaration(*data, kind, name));
            if !self.is_wanted(list, want) {
                return None;
            }
            match self.select(list, reference.index.as_ref(), &[]) {
                Found::One(at) => all.push(at),
                _ => return None,
            }
        }
        (!all.is_empty()).then_some(all)
    }

    fn scope_of(&self, instance: &Instance) -> Scope<'d> {
        let each = instance.index.clone().map(|index| {
            let block = self.plan.block(&instance.module, &instance.declaration());
            let among = Among::Block(block.first().copied().unwrap_or_default());
            let for_each = self.plan.written(instance).and_then(|block| block.get("for_each_expression"));
            Each { index, among, for_each }
        });
        Scope { module: instance.module.clone(), each }
    }

    /// The scope in which a module is called, with the call.
    fn around(&self, module: &Module) -> Option<(Scope<'d>, &'d Node)> {
        let (around, name, index) = module.call()?;
        let call = self.plan.configuration.module(&around.names())?.calls.get(&**name).copied()?;
        let each = index.cloned().map(|index| Each {
            index,
            among: Among::Call(around.clone(), Arc::clone(name)),
            for_each: call.get("for_each_expression"),
        });
        Some((Scope { module: around, each }, call))
    }

    fn is_wanted(&self, list: &[usize], want: Want<'_>) -> bool {
        let kind = list.first().and_then(|at| self.kinds[*at].as_deref());
        kind.is_some_and(|kind| kind.eq_ignore_ascii_case(want.kind))
    }

    /// What an expression stands for, of which `rest` is taken, perhaps by one of the keys.
    fn expression(
        &mut self,
        expression: &'d Node,
        rest: &[Step],
        keys: &[Key],
        scope: &Scope<'d>,
        want: Want<'_>,
    ) -> Found<'d> {
        if let Some(value) = expression.get("constant_value") {
            return Found::Value(descend_by(value, rest, keys));
        }
        let Some(references) = expression.get("references") else {
            return lost("the `configuration` shows no reference there");
        };
        if self.depth >= MAX_DEPTH {
            return lost(format!("it leads through more than {MAX_DEPTH} variables and outputs"));
        }
        self.depth += 1;
        let found = self.references(references.items(), rest, keys, scope, want);
        self.depth -= 1;
        found
    }

    fn references(
        &mut self,
        references: &'d [Node],
        rest: &[Step],
        keys: &[Key],
        scope: &Scope<'d>,
        want: Want<'_>,
    ) -> Found<'d> {
        if references.len() > BUDGET as usize {
            return lost("it names too much");
        }
        let mut sum = Sum { keys: keys.to_vec(), ..Sum::default() };
        sum.keys.extend(keys_of(rest));
        let mut parsed = Vec::new();
        for text in whole(references) {
            match Reference::parse(text) {
                Some(reference) => parsed.push((reference, text)),
                None => sum.lose(format!("it refers to `{text}`")),
            }
        }
        // Keys first: they tell which part of the others is meant.
        let later = |(reference, _): &(Reference, &str)| {
            !matches!(reference.head, Head::EachKey | Head::CountIndex | Head::EachValue | Head::Local)
        };
        parsed.sort_by_key(later);
        for (reference, text) in parsed {
            if self.left == 0 {
                return lost("it leads through too many references");
            }
            self.left -= 1;
            self.one(&reference, text, rest, scope, want, &mut sum);
        }
        self.finish(sum)
    }

    /// Adds what one reference says.
    fn one(
        &mut self,
        reference: &Reference,
        text: &str,
        rest: &[Step],
        scope: &Scope<'d>,
        want: Want<'_>,
        sum: &mut Sum<'d>,
    ) {
        let taken = joined(&reference.rest, rest);
        let keys = sum.keys.clone();
        let found = match &reference.head {
            Head::Resource { data, kind, name } => {
                let list = self.plan.block(&scope.module, &declaration(*data, kind, name)).to_vec();
                if self.is_wanted(&list, want) {
                    sum.blocks.push((list, reference.index.clone()));
                    return;
                }
                if want.among_others {
                    return;
                }
                if want.kind == kinds::SUBNET && self.is_id_of_network(&list, reference) {
                    sum.networks.push((list, reference.index.clone()));
                    return;
                }
                self.through(&list, reference, text, scope, want)
            }
            Head::EachKey | Head::CountIndex => {
                if let Some(each) = &scope.each {
                    sum.keys.push(Key { index: each.index.clone(), from: From::Each(each.among.clone()) });
                }
                return;
            }
            Head::EachValue => self.each_value(&taken, scope, want),
            Head::Variable(name) => self.variable(name, &taken, &keys, scope, want),
            Head::Module(name) => self.output(name, reference.index.as_ref(), &taken, &keys, scope, want),
            Head::Local => lost(format!("it goes through `{text}`, and plans do not show what locals are")),
            Head::Fixed => return,
        };
        match found {
            Found::One(at) if !sum.direct.contains(&at) => sum.direct.push(at),
            Found::One(_) => {}
            Found::Value(value) => {
                sum.value = value.or(sum.value);
                sum.keys.extend(value.and_then(Index::of).map(|index| Key { index, from: From::Value }));
            }
            Found::Lost(why) => {
                sum.candidates.extend(&why.candidates);
                sum.lose(why.why);
            }
        }
    }

    fn is_id_of_network(&self, list: &[usize], reference: &Reference) -> bool {
        let is_id = matches!(&reference.rest[..], [Step::Name(name)] if &**name == "id");
        let is_later = |at: &usize| matches!(self.plan.instances[*at].values().older("id"), Said::Open(..));
        let of_network = Want { kind: kinds::NETWORK, among_others: false };
        is_id && self.is_wanted(list, of_network) && list.iter().all(is_later)
    }

    /// `"${azurerm_virtual_network.v.id}/subnets/${each.value.name}"`: one network and one text, which is the
    /// name of a subnet in it.
    fn in_network(&self, sum: &Sum<'d>) -> Option<usize> {
        let [(list, index)] = &sum.networks[..] else { return None };
        let alone = sum.blocks.is_empty() && sum.direct.is_empty() && sum.lost.is_none();
        let Found::One(network) = self.select(list, index.as_ref(), &[]) else { return None };
        let [first, others @ ..] = &sum.keys[..] else { return None };
        let Index::Text(name) = &first.index else { return None };
        let one_text = others.iter().all(|key| key.index == first.index);
        let network = &self.plan.instances[network];
        if alone && one_text { self.plan.subnet_of(network, name) } else { None }
    }

    /// What the references of one expression come to.
    fn finish(&self, mut sum: Sum<'d>) -> Found<'d> {
        if let Some(at) = self.in_network(&sum) {
            return Found::One(at);
        }
        if let Some((list, _)) = sum.networks.first() {
            let name = list.first().map_or_else(String::new, |at| self.named(*at));
            sum.lose(format!("it also refers to {name}"));
        }
        let mut first: Option<Lost> = None;
        for (list, index) in std::mem::take(&mut sum.blocks) {
            match self.select(&list, index.as_ref(), &sum.keys) {
                Found::One(at) if !sum.direct.contains(&at) => sum.direct.push(at),
                Found::Lost(why) => {
                    sum.candidates.extend(&why.candidates);
                    first.get_or_insert(why);
                }
                _ => {}
            }
        }
        sum.candidates.extend(&sum.direct);
        sum.candidates.sort_unstable();
        sum.candidates.dedup();
        let lost = |why: String, candidates| Found::Lost(Lost { why, candidates });
        match (sum.lost, first, &sum.direct[..]) {
            // What cannot be told may be any resource, so no candidates are named.
            (Some(why), ..) => lost(why, Vec::new()),
            (None, Some(why), _) => lost(why.why, sum.candidates),
            (None, None, [at]) => Found::One(*at),
            (None, None, []) => Found::Value(sum.value),
            (None, None, many) => {
                let names: Vec<String> = many.iter().take(3).map(|at| self.named(*at)).collect();
                lost(format!("it names {} resources: {}", many.len(), names.join(", ")), sum.candidates)
            }
        }
    }

    fn named(&self, at: usize) -> String {
        format!("`{}`", self.plan.instances[at].address)
    }

    /// The instance of a block that is meant.
    fn select(&self, list: &[usize], index: Option<&Index>, keys: &[Key]) -> Found<'d> {
        let [first, ..] = list else { return lost("it names a resource that is not in the plan") };
        if let Some(index) = index {
            return match self.plan.instance(*first, index) {
                Some(at) => Found::One(at),
                None => lost(format!("there is no instance {index} of {}", self.named(*first))),
            };
        }
        if self.plan.instances[*first].index.is_none() {
            return Found::One(*first);
        }
        // `s[var.zone - 1]` shows as `s[var.zone]`, and `s[var.last - count.index]` as both numbers.
        let is_number = |key: &Key| matches!(key.index, Index::Number(_));
        let shifted = keys.iter().any(|key| key.from == From::Value && is_number(key));
        let tells =
            |key: &&Key| !(shifted && is_number(key) && !matches!(key.from, From::Rest | From::Field));
        let of_keys = keys.iter().filter(tells).flat_map(|key| self.meant(*first, key));
        let mut meant: Vec<usize> = of_keys.collect();
        meant.sort_unstable();
        meant.dedup();
        match (&meant[..], list) {
            ([at], _) => Found::One(*at),
            ([], [only]) if keys.iter().all(|key| matches!(key.from, From::Value | From::Field)) => {
                Found::One(*only)
            }
            _ => {
                let block = &self.plan.instances[*first];
                let block = block.module.address(&block.declaration());
                let why =
                    format!("which of the {} instances of `{block}` is meant cannot be told", list.len());
                let few = list.len() <= MOST_CANDIDATES;
                let candidates = if few { list.to_vec() } else { Vec::new() };
                Found::Lost(Lost { why, candidates })
            }
        }
    }

    /// The instances that a key may mean, of the block that begins with `first`.
    fn meant(&self, first: usize, key: &Key) -> Vec<usize> {
        let by_index = self.plan.instance(first, &key.index);
        match &key.from {
            From::Value => by_index.into_iter().collect(),
            From::Rest | From::Field => {
                let named = match &key.index {
                    Index::Text(text) => self.plan.instances_named(first, text),
                    Index::Number(_) => &[],
                };
                by_index.into_iter().chain(named.iter().copied().take(2)).collect()
            }
            // The same keys on both sides: what is worked out of a key would be another key.
            From::Each(among) => {
                let same = |_: &usize| self.same_keys(among, &Among::Block(first));
                by_index.filter(same).into_iter().collect()
            }
        }
    }

    /// Whether every key of some instances is a key of the others; with `count`, whether they are as many.
    fn same_keys(&self, own: &Among, other: &Among) -> bool {
        let pair = (own.clone(), other.clone());
        if let Some(known) = self.compared.borrow().get(&pair) {
            return *known;
        }
        let (own, other) = (self.keys_among(own), self.keys_among(other));
        let counted = own.iter().any(|key| matches!(key, Index::Number(_)));
        let same = own.is_subset(&other) && (!counted || own.len() == other.len());
        self.compared.borrow_mut().insert(pair, same);
        same
    }

    fn keys_among(&self, among: &Among) -> HashSet<Index> {
        match among {
            Among::Block(first) => {
                let instance = &self.plan.instances[*first];
                let block = self.plan.block(&instance.module, &instance.declaration());
                block.iter().filter_map(|at| self.plan.instances[*at].index.clone()).collect()
            }
            Among::Call(around, name) => {
                self.plan.calls(around, name).iter().filter_map(Clone::clone).collect()
            }
        }
    }

    /// The instance of a module with the own key.
    fn same_key(&self, scope: &Scope<'d>, name: &Arc<str>, many: &[Option<Index>]) -> Option<Index> {
        let Some(each) = &scope.each else {
            return if let [only] = many { only.clone() } else { None };
        };
        let called = Among::Call(scope.module.clone(), Arc::clone(name));
        let is_there = many.iter().flatten().any(|key| *key == each.index);
        (is_there && self.same_keys(&each.among, &called)).then(|| each.index.clone())
    }

    /// A resource of another type, of which an attribute is taken: what that attribute is, in turn.
    fn through(
        &mut self,
        list: &[usize],
        reference: &Reference,
        text: &str,
        scope: &Scope<'d>,
        want: Want<'_>,
    ) -> Found<'d> {
        if list.is_empty() {
            return lost(format!("it refers to `{text}`, which this document does not hold"));
        }
        let key = |each: &Each<'d>| Key { index: each.index.clone(), from: From::Each(each.among.clone()) };
        let keys: Vec<Key> = scope.each.iter().map(key).collect();
        let Found::One(at) = self.select(list, reference.index.as_ref(), &keys) else {
            return lost(format!("it also refers to `{text}`"));
        };
        let instance = &self.plan.instances[at];
        let is_association = matches!(instance.role, Role::SubnetGroup | Role::SubnetRoutes);
        let attribute = match reference.rest.first() {
            // The id of an association is the id of its subnet.
            Some(Step::Name(name)) if is_association && &**name == "id" => "subnet_id",
            None if is_association => "subnet_id",
            Some(Step::Name(name)) => &**name,
            _ => return lost(format!("it also refers to `{text}`")),
        };
        match instance.values().older(attribute) {
            Said::Is(value) => Found::Value(value.known),
            Said::Unset => Found::Value(None),
            Said::Open(..) => match self.plan.expression(instance, &[attribute]) {
                Some(expression) => self.expression(expression, &[], &[], &self.scope_of(instance), want),
                None => lost(format!("it also refers to `{text}`")),
            },
        }
    }

    /// `each.value` and what is taken of it.
    fn each_value(&mut self, rest: &[Step], scope: &Scope<'d>, want: Want<'_>) -> Found<'d> {
        let Some((each, for_each)) = scope.each.as_ref().and_then(|each| Some((each, each.for_each?))) else {
            return lost("it refers to `each.value`, which the plan does not show");
        };
        let mut path = vec![Step::Index(each.index.clone())];
        path.extend(rest.iter().cloned());
        let outside = Scope { module: scope.module.clone(), each: None };
        self.expression(for_each, &path, &[], &outside, want)
    }

    /// A variable of a module and what is taken of it.
    fn variable(
        &mut self,
        name: &str,
        rest: &[Step],
        keys: &[Key],
        scope: &Scope<'d>,
        want: Want<'_>,
    ) -> Found<'d> {
        if scope.module.depth() == 0 {
            return match self.plan.variable(name) {
                Some(value) => Found::Value(descend_by(value, rest, keys)),
                None => lost(format!("it refers to `var.{name}`, whose value the plan does not show")),
            };
        }
        let given = self
            .around(&scope.module)
            .and_then(|(outside, call)| Some((call.get("expressions")?.as_object()?.exact(name)?, outside)));
        if let Some((expression, outside)) = given {
            return self.expression(expression, rest, keys, &outside, want);
        }
        let module = self.plan.configuration.module(&scope.module.names());
        match module.and_then(|module| module.variables?.as_object()?.exact(name)) {
            Some(declared) => {
                Found::Value(declared.get("default").and_then(|value| descend_by(value, rest, keys)))
            }
            None => lost(format!("it refers to `var.{name}`, whose value the plan does not show")),
        }
    }

    /// An output of a called module and what is taken of it.
    fn output(
        &mut self,
        name: &Arc<str>,
        index: Option<&Index>,
        rest: &[Step],
        keys: &[Key],
        scope: &Scope<'d>,
        want: Want<'_>,
    ) -> Found<'d> {
        // `for_each = module.net` and `each.value.subnet_id`: the key comes first.
        let (index, rest) = match (index, rest) {
            (None, [Step::Index(key), rest @ ..]) => (Some(key), rest),
            (index, rest) => (index, rest),
        };
        let index = match (index, self.plan.calls(&scope.module, name)) {
            (Some(index), _) => Some(index.clone()),
            (None, [] | [None]) => None,
            (None, many) => match self.same_key(scope, name, many) {
                Some(key) => Some(key),
                None => return lost(format!("which instance of `module.{name}` is meant cannot be told")),
            },
        };
        let module = scope.module.child(name, index);
        let outputs = self.plan.configuration.module(&module.names()).and_then(|module| module.outputs);
        let inside = Scope { module, each: None };
        let expression = |outputs: &'d Node, name: &str| outputs.as_object()?.exact(name)?.get("expression");
        match (rest, outputs) {
            ([Step::Name(output), rest @ ..], Some(outputs)) => match expression(outputs, output) {
                Some(expression) => self.expression(expression, rest, keys, &inside, want),
                None => lost(format!("it refers to `module.{name}.{output}`, which the plan does not show")),
            },
            // `module.net[each.key].subnet_id` shows as `module.net`: the one output of the right type.
            ([], Some(outputs)) => self.any_output(name, outputs, &inside, want),
            _ => lost(format!("it refers to `module.{name}`, whose outputs the plan does not show")),
        }
    }

    fn any_output(&mut self, name: &str, outputs: &'d Node, inside: &Scope<'d>, want: Want<'_>) -> Found<'d> {
        let mut meant = Vec::new();
        for (_, output) in outputs.entries() {
            let Some(expression) = output.get("expression") else { continue };
            match self.expression(expression, &[], &[], inside, Want { among_others: true, ..want }) {
                Found::One(at) if !meant.contains(&at) => meant.push(at),
                Found::One(_) | Found::Value(_) => {}
                Found::Lost(why) => return Found::Lost(why),
            }
        }
        match meant[..] {
            [at] => Found::One(at),
            _ => {
                let why = format!("which output of `module.{name}` is meant cannot be told");
                Found::Lost(Lost { why, candidates: meant })
            }
        }
    }
}

/// What the references of one expression say, put together.
#[derive(Default)]
struct Sum<'d> {
    /// Blocks of the wanted type, each with the instance where it is written out.
    blocks: Vec<(Vec<usize>, Option<Index>)>,
    /// The same of networks whose ids stand there, of which a subnet's id may be put together.
    networks: Vec<(Vec<usize>, Option<Index>)>,
    direct: Vec<usize>,
    keys: Vec<Key>,
    value: Option<&'d Node>,
    lost: Option<String>,
    candidates: Vec<usize>,
}

impl Sum<'_> {
    fn lose(&mut self, why: String) {
        self.lost.get_or_insert(why);
    }
}
