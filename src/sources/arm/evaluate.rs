//! Values of expressions.
//!
//! In: a raw value of the template and the surroundings in which it stands ([`Env`]). Out: the value with
//! every expression replaced by what it yields. What deployment settles becomes a symbol or an unknown that
//! remembers its expression; what is wrong becomes a finding at its place and an unknown, once.
//!
//! Bounded: [`MAX_DEPTH`] levels of values, variables and calls, [`MAX_NODES`] values made, [`MAX_WORK`]
//! steps. The first to be passed is named in one finding, and all that is left to do is unknown.

use super::by_name::ByName;
use super::expression::{self, Content, Expr, Form};
use super::functions::{self, Bad, Call, Makes, Run};
use super::linked::Linked;
use super::scope::{Declared, Scope, Slot};
use super::spell;
use crate::finding::{Code, Finding};
use crate::model::{Gap, Origin};
use crate::sources::json::{Kind, Node, Place};
use std::rc::Rc;
use std::sync::Arc;

/// Levels of values, variables, parameters and calls inside one another.
pub(super) const MAX_DEPTH: usize = 150;
/// Values that a template may make by expressions and loops.
pub(super) const MAX_NODES: u64 = 1_000_000;
/// Steps of evaluation.
pub(super) const MAX_WORK: u64 = 10_000_000;
/// Bytes of one text that an expression makes: Azure takes no larger template.
pub(super) const MAX_TEXT: usize = 4 << 20;
/// Iterations of one loop: Azure's own limit.
pub(super) const MAX_COPIES: i64 = 800;

/// Why an expression has no value: the finding's place and words.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) origin: Origin,
    pub(super) message: String,
}

/// What a raw value can refer to.
#[derive(Clone)]
pub(super) struct Env {
    pub(super) scope: Rc<Scope>,
    pub(super) copies: Link<Loop>,
    pub(super) lambdas: Link<(Arc<str>, Node)>,
    /// Inside a user's function: its arguments, in place of the template's parameters.
    pub(super) arguments: Option<Rc<ByName<String, Node>>>,
    /// Where the expression stands.
    pub(super) place: Place,
}

/// One loop around a value.
#[derive(Clone)]
pub(super) struct Loop {
    pub(super) name: Arc<str>,
    pub(super) index: Node,
    pub(super) of_resource: bool,
}

/// A list that grows at its head and shares its tail.
#[derive(Debug)]
pub(super) enum Link<T> {
    End,
    More(Rc<(T, Link<T>)>),
}

impl<T> Clone for Link<T> {
    fn clone(&self) -> Self {
        match self {
            Self::End => Self::End,
            Self::More(rest) => Self::More(Rc::clone(rest)),
        }
    }
}

impl<T> Link<T> {
    pub(super) fn with(&self, head: T) -> Self {
        Self::More(Rc::new((head, self.clone())))
    }

    /// The innermost item that fits.
    pub(super) fn find(&self, fits: impl Fn(&T) -> bool) -> Option<&T> {
        let mut link = self;
        while let Self::More(pair) = link {
            if fits(&pair.0) {
                return Some(&pair.0);
            }
            link = &pair.1;
        }
        None
    }
}

impl Env {
    pub(super) fn new(scope: &Rc<Scope>, place: &Place) -> Self {
        Self {
            scope: Rc::clone(scope),
            copies: Link::End,
            lambdas: Link::End,
            arguments: None,
            place: place.clone(),
        }
    }

    pub(super) fn at(&self, place: &Place) -> Self {
        Self { place: place.clone(), ..self.clone() }
    }

    pub(super) fn fault(&self, expression: &Expr, message: impl Into<String>) -> Fault {
        Fault { origin: self.place.origin_inside(expression.start), message: message.into() }
    }

    pub(super) fn node(&self, kind: Kind) -> Node {
        Node::new(kind, self.place.clone())
    }
}

/// What is shared by all of one expansion.
#[derive(Default)]
pub(super) struct Engine {
    pub(super) findings: Vec<Finding>,
    pub(super) linked: Linked,
    /// Resources by id in lower case, of every deployment that was reached.
    pub(super) by_id: ByName<String, Rc<Declared>>,
    /// Values that are being worked out, outermost first.
    pub(super) chain: Vec<String>,
    /// How many values that differ at each deployment were asked for.
    pub(super) fresh: u32,
    /// How many resources were declared.
    pub(super) resources: u32,
    parsed: ByName<Arc<str>, Result<Rc<Expr>, expression::SyntaxError>>,
    depth: usize,
    nodes: u64,
    work: u64,
    exhausted: bool,
}

impl Engine {
    /// A value with all its expressions replaced.
    pub(super) fn value(&mut self, env: &Env, raw: &Node) -> Node {
        self.settle(env, raw).unwrap_or_else(|| raw.clone())
    }

    /// As [`Self::value`], `None` where nothing in it changes.
    fn settle(&mut self, env: &Env, raw: &Node) -> Option<Node> {
        match raw.kind() {
            Kind::String(text) => match expression::content(text) {
                Content::Literal => None,
                Content::Escaped(text) => Some(Node::new(Kind::string(text), raw.place().clone())),
                Content::Expression => Some(self.expression(env, raw, text)),
            },
            Kind::Array(_) => {
                let items = raw.items();
                self.level(raw, |engine| {
                    // Nothing is copied before something changes.
                    let mut made: Option<Vec<Node>> = None;
                    for (at, item) in items.iter().enumerate() {
                        let new = engine.settle(env, item);
                        if new.is_some() || made.is_some() {
                            let made = made.get_or_insert_with(|| items[..at].to_vec());
                            made.push(new.unwrap_or_else(|| item.clone()));
                        }
                    }
                    made.map(|items| engine.made(raw.place(), Kind::array(items)))
                })
            }
            Kind::Object(_) => self.level(raw, |engine| engine.settle_object(env, raw)),
            _ => None,
        }
    }

    fn settle_object(&mut self, env: &Env, raw: &Node) -> Option<Node> {
        // Nothing is copied before something changes.
        let entries = raw.entries();
        let mut made: Option<Vec<(Arc<str>, Node)>> = None;
        for (at, (key, value)) in entries.iter().enumerate() {
            let begun = || entries[..at].to_vec();
            if key.eq_ignore_ascii_case("copy")
                && let Some(loops) = self.property_loops(env, value)
            {
                made.get_or_insert_with(begun).extend(loops);
                continue;
            }
            // A key can be an expression too, as in tags and identities.
            let name = match expression::content(key) {
                Content::Expression => {
                    let node = self.expression(env, value, key);
                    Some(node.join_text().map_or_else(|| Arc::clone(key), |text| Arc::from(&*text)))
                }
                _ => None,
            };
            let new = self.settle(env, value);
            if name.is_some() || new.is_some() || made.is_some() {
                let entry = (name.unwrap_or_else(|| Arc::clone(key)), new.unwrap_or_else(|| value.clone()));
                made.get_or_insert_with(begun).push(entry);
            }
        }
        made.map(|entries| self.made(raw.place(), Kind::object(entries)))
    }

    /// One level down, unknown below the limit.
    fn level(&mut self, raw: &Node, work: impl FnOnce(&mut Self) -> Option<Node>) -> Option<Node> {
        if !self.step(raw.place()) {
            return Some(self.lost(raw, "a part beyond the limits"));
        }
        if self.depth >= MAX_DEPTH {
            self.report(&raw.origin(), format!("values nest deeper than {MAX_DEPTH}"));
            return Some(self.lost(raw, "a value nested too deep"));
        }
        self.depth += 1;
        let result = work(self);
        self.depth -= 1;
        result
    }

    /// The value of a string in brackets.
    fn expression(&mut self, env: &Env, raw: &Node, text: &Arc<str>) -> Node {
        let parsed = match self.parsed.get(text) {
            Some(parsed) => parsed.clone(),
            None => {
                let parsed = expression::parse(text).map(Rc::new);
                self.parsed.insert(Arc::clone(text), parsed.clone());
                parsed
            }
        };
        let env = env.at(raw.place());
        let outcome = match parsed {
            Ok(expression) => self.eval(&env, &expression),
            Err(error) => Err(Fault { origin: raw.place().origin_inside(error.at), message: error.message }),
        };
        outcome.unwrap_or_else(|fault| {
            self.report(&fault.origin, fault.message.clone());
            let gap = Gap::new(format!("`{text}` has no value: {}", fault.message)).at(&fault.origin);
            env.node(Kind::unknown(text.trim_matches(['[', ']']), gap))
        })
    }

    /// The value of a part of an expression.
    pub(super) fn eval(&mut self, env: &Env, expression: &Expr) -> Result<Node, Fault> {
        if !self.step(&env.place) {
            return Err(env.fault(expression, ""));
        }
        if self.depth >= MAX_DEPTH {
            return Err(env.fault(expression, format!("evaluation nests deeper than {MAX_DEPTH}")));
        }
        self.depth += 1;
        let result = match &expression.form {
            Form::Text(text) => Ok(env.node(Kind::String(Arc::clone(text)))),
            Form::Integer(number) => Ok(env.node(Kind::integer(*number))),
            Form::Call { name, arguments } => self.call(env, expression, name, arguments),
            Form::Access { base, index, safe } => self.access(env, expression, base, index, *safe),
        };
        self.depth -= 1;
        result
    }

    fn call(&mut self, env: &Env, whole: &Expr, name: &Arc<str>, raw: &[Expr]) -> Result<Node, Fault> {
        if name.contains('.') {
            return self.user_function(env, whole, name, raw);
        }
        let Some(function) = functions::find(name) else {
            if name.len() > 4 && name.as_bytes()[..4].eq_ignore_ascii_case(b"list") {
                // listKeys and the like: what the service answers.
                let arguments = self.arguments(env, raw)?;
                return Ok(self.unsettled(env, name, Makes::Value, &arguments));
            }
            return Err(env.fault(whole, functions::no_such(name)));
        };
        if !function.takes.contains(&raw.len()) {
            let (least, most) = (function.takes.start(), function.takes.end());
            let expected = match (least == most, *most == usize::MAX) {
                (true, _) => format!("{least}"),
                (_, true) => format!("at least {least}"),
                _ => format!("{least} to {most}"),
            };
            let message = format!("`{}` has {} arguments, expected {expected}", function.name, raw.len());
            return Err(env.fault(whole, message));
        }
        let result = match function.run {
            Run::Open(run) => run(&mut Call { engine: self, env, raw, function }),
            Run::Settled(run) => {
                let arguments = self.arguments(env, raw)?;
                let settled = arguments.iter().all(|node| node.gap().is_none());
                self.work += arguments.iter().map(|node| u64::from(node.size().nodes) / 8).sum::<u64>();
                let result = if settled {
                    run(&functions::Args { nodes: &arguments, place: &env.place })
                } else {
                    Err(Bad::Unsettled)
                };
                match result {
                    Err(Bad::Unsettled) => Ok(self.unsettled(env, function.name, function.makes, &arguments)),
                    other => other,
                }
            }
        };
        match result {
            Ok(node) => self.paid(env, whole, node),
            Err(Bad::Inner(fault)) => Err(fault),
            Err(Bad::Alone(message)) => Err(env.fault(whole, message)),
            Err(Bad::Words(message)) => Err(env.fault(whole, format!("`{}`: {message}", function.name))),
            Err(Bad::Unsettled) => Ok(self.unsettled(env, function.name, function.makes, &[])),
        }
    }

    pub(super) fn arguments(&mut self, env: &Env, raw: &[Expr]) -> Result<Vec<Node>, Fault> {
        raw.iter().map(|expression| self.eval(env, expression)).collect()
    }

    /// The call itself, as a text or value that deployment settles.
    pub(super) fn unsettled(&mut self, env: &Env, name: &str, makes: Makes, arguments: &[Node]) -> Node {
        let cost: u64 = arguments.iter().map(|node| u64::from(node.size().nodes)).sum();
        self.nodes = self.nodes.saturating_add(cost);
        let text = if self.step(&env.place) { spell::call(name, arguments) } else { name.to_owned() };
        let gap = arguments.iter().find_map(Node::first_gap).cloned();
        let gap = gap.unwrap_or_else(|| {
            Gap::new(format!("`{text}` is settled by the deployment only")).at(&env.place.origin())
        });
        let like_text = matches!(arguments.first().map(Node::kind), Some(Kind::Symbol(_) | Kind::String(_)));
        env.node(match makes {
            Makes::AsFirst if like_text => Kind::symbol(format!("${{{text}}}"), gap),
            Makes::Text => Kind::symbol(format!("${{{text}}}"), gap),
            Makes::AsFirst | Makes::Value => Kind::unknown(text, gap),
        })
    }

    fn access(
        &mut self,
        env: &Env,
        whole: &Expr,
        base: &Expr,
        index: &Expr,
        safe: bool,
    ) -> Result<Node, Fault> {
        let object = self.eval(env, base)?;
        let key = self.eval(env, index)?;
        self.work += object.entries().len() as u64 / 16;
        let open = |object: &Node, key: &Node, gap: Gap| {
            env.node(Kind::unknown(spell::spell(object) + &member(key), gap))
        };
        if let Some(gap) = object.gap().filter(|_| matches!(object.kind(), Kind::Unknown(_))) {
            return Ok(open(&object, &key, gap.clone()));
        }
        if let Some(gap) = key.gap() {
            return Ok(open(&object, &key, gap.clone()));
        }
        let found = match (object.kind(), key.kind()) {
            (Kind::Object(members), Kind::String(name)) => members.get(name).cloned(),
            (Kind::Array(_), Kind::Number(_)) => {
                let at = key.as_integer().and_then(|at| usize::try_from(at).ok());
                at.and_then(|at| object.items().get(at)).cloned()
            }
            (Kind::Null, _) if safe => None,
            _ => {
                let message = format!("{} has no member `{}`", object.type_name(), spell::spell(&key));
                return Err(env.fault(whole, message));
            }
        };
        match found {
            Some(node) => Ok(node),
            None if functions::answers_at_deployment(base) => {
                let text = self.canonical(env, base)? + &member(&key);
                let gap = Gap::new(format!("`{text}` is settled by the deployment only"));
                Ok(env.node(Kind::unknown(text, gap.at(&env.place.origin()))))
            }
            None if safe => Ok(env.node(Kind::Null)),
            None => Err(env.fault(whole, missing_member(&object, &key))),
        }
    }

    /// The one spelling of an expression whose value is open to members that only deployment adds.
    fn canonical(&mut self, env: &Env, expression: &Expr) -> Result<String, Fault> {
        match &expression.form {
            Form::Access { base, index, .. } => {
                let key = self.eval(env, index)?;
                Ok(self.canonical(env, base)? + &member(&key))
            }
            Form::Call { name, arguments } => {
                let (name, counted) = functions::find(name)
                    .map_or((&**name, usize::MAX), |function| (function.name, function.identity));
                let kept = arguments.get(..counted.min(arguments.len())).unwrap_or_default();
                Ok(spell::call(name, &self.arguments(env, kept)?))
            }
            _ => Ok(expression.to_string()),
        }
    }

    /// Charges for a value that was made, refuses one that is too large.
    fn paid(&mut self, env: &Env, whole: &Expr, node: Node) -> Result<Node, Fault> {
        let size = node.size();
        let own = match node.kind() {
            Kind::Array(_) | Kind::Object(_) => node.items().len() + node.entries().len(),
            _ => size.nodes as usize,
        };
        self.nodes = self.nodes.saturating_add(own as u64);
        let text = match node.kind() {
            Kind::String(text) => text.len(),
            Kind::Symbol(open) | Kind::Unknown(open) => open.text.len(),
            _ => 0,
        };
        if text > MAX_TEXT {
            return Err(env.fault(whole, format!("the text is longer than {MAX_TEXT} bytes")));
        }
        if u64::from(size.nodes) > MAX_NODES {
            return Err(env.fault(whole, format!("the value holds more than {MAX_NODES} values")));
        }
        if size.depth as usize > 2 * MAX_DEPTH {
            return Err(env.fault(whole, format!("the value nests deeper than {}", 2 * MAX_DEPTH)));
        }
        Ok(node)
    }

    pub(super) fn made(&mut self, place: &Place, kind: Kind) -> Node {
        let node = Node::new(kind, place.clone());
        self.nodes = self.nodes.saturating_add((node.items().len() + node.entries().len()) as u64);
        node
    }

    /// Counts a step; false when a limit is passed, which is reported once.
    pub(super) fn step(&mut self, place: &Place) -> bool {
        self.work += 1;
        if self.exhausted {
            return false;
        }
        let over = match (self.nodes > MAX_NODES, self.work > MAX_WORK) {
            (true, _) => format!("the template makes more than {MAX_NODES} values by loops and expressions"),
            (_, true) => format!("the template takes more than {MAX_WORK} steps to evaluate"),
            _ => return true,
        };
        self.report(&place.origin(), format!("{over}; the rest of it is not known"));
        self.exhausted = true;
        false
    }

    /// Counts the work of walking over a whole value.
    pub(super) fn walked(&mut self, node: &Node) {
        self.work += u64::from(node.size().nodes) / 8;
    }

    /// A finding, unless all that follows is only the echo of a passed limit.
    pub(super) fn report(&mut self, origin: &Origin, message: impl Into<String>) {
        let message = message.into();
        if !self.exhausted && !message.is_empty() {
            self.findings.push(Finding::new(Code::Template, origin, message));
        }
    }

    pub(super) fn lost(&self, raw: &Node, what: &str) -> Node {
        let gap = Gap::new(what).at(&raw.origin());
        Node::new(Kind::unknown(what, gap), raw.place().clone())
    }

    /// Works a named value out once; a value that needs itself is a fault that names the ring.
    pub(super) fn once(
        &mut self,
        label: String,
        slot: &std::cell::RefCell<Slot>,
        work: impl FnOnce(&mut Self) -> Node,
    ) -> Result<Node, String> {
        match &*slot.borrow() {
            Slot::Done(node) => return Ok(node.clone()),
            Slot::Running => {
                let from = self.chain.iter().rposition(|name| *name == label).unwrap_or(0);
                let ring = self.chain[from..].join(" -> ");
                return Err(format!("`{label}` needs itself: {ring} -> {label}"));
            }
            Slot::Idle => {}
        }
        *slot.borrow_mut() = Slot::Running;
        self.chain.push(label);
        let node = work(self);
        self.chain.pop();
        *slot.borrow_mut() = Slot::Done(node.clone());
        Ok(node)
    }
}

fn member(key: &Node) -> String {
    match key.as_str() {
        Some(name) if expression::is_name(name) => format!(".{name}"),
        _ => format!("[{}]", spell::spell(key)),
    }
}

fn missing_member(object: &Node, key: &Node) -> String {
    let Some(name) = key.as_str() else {
        let count = object.items().len();
        return format!("there is no item {}: the array has {count}", spell::spell(key));
    };
    let names: Vec<&str> = object.entries().iter().map(|(key, _)| &**key).collect();
    match super::nearest(name, names.iter().copied()) {
        Some(near) => format!("there is no member `{name}`; did you mean `{near}`?"),
        None if names.is_empty() => format!("there is no member `{name}`: the object is empty"),
        None => {
            let shown: Vec<String> = names.iter().take(6).map(|name| format!("`{name}`")).collect();
            format!("there is no member `{name}`; the object has {}", shown.join(", "))
        }
    }
}
