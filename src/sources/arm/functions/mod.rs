//! The functions of the template language, one file a group.
//!
//! A function is one row of its group's table: name, how many arguments, what it makes while it cannot be
//! settled, and how it runs. Most are [`Run::Settled`]: they see arguments that are settled at the top, and
//! give [`Bad::Unsettled`] where an inner part that they need is not. The caller then makes the symbol.

mod cidr;
mod collection;
mod lambda;
mod logic;
mod number;
mod object;
mod resource;
mod surroundings;
mod text;

use super::evaluate::{Engine, Env, Fault};
use super::expression::{Expr, Form};
use crate::sources::json::{Kind, Node, Place};
use std::ops::RangeInclusive;
use std::sync::{Arc, OnceLock};

/// What a function makes, should its arguments not be settled.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Makes {
    /// A text: a symbol, which still joins.
    Text,
    /// A text where the first argument is one, as `take` does.
    AsFirst,
    /// Anything else.
    Value,
}

/// Why a function has no value.
#[derive(Debug)]
pub(super) enum Bad {
    /// What is wrong with its arguments, in words.
    Words(String),
    /// The same in words that stand without the function's name.
    Alone(String),
    /// Something it needs is not settled.
    Unsettled,
    /// A fault of an argument, with a place of its own.
    Inner(Fault),
}

impl From<String> for Bad {
    fn from(words: String) -> Self {
        Self::Words(words)
    }
}

impl From<Fault> for Bad {
    fn from(fault: Fault) -> Self {
        Self::Inner(fault)
    }
}

pub(super) type Outcome = Result<Node, Bad>;

/// How a function runs.
#[derive(Clone, Copy)]
pub(super) enum Run {
    /// On arguments that are settled.
    Settled(fn(&Args<'_>) -> Outcome),
    /// On the raw call: lazy, or open to what is not settled.
    Open(fn(&mut Call<'_>) -> Outcome),
}

/// One row of a table.
pub(super) struct Function {
    pub(super) name: &'static str,
    pub(super) takes: RangeInclusive<usize>,
    pub(super) makes: Makes,
    /// How many arguments tell one value from another; later ones say how to get it.
    pub(super) identity: usize,
    pub(super) run: Run,
}

const fn text(name: &'static str, takes: RangeInclusive<usize>, run: fn(&Args<'_>) -> Outcome) -> Function {
    Function { name, takes, makes: Makes::Text, identity: usize::MAX, run: Run::Settled(run) }
}

const fn value(name: &'static str, takes: RangeInclusive<usize>, run: fn(&Args<'_>) -> Outcome) -> Function {
    Function { name, takes, makes: Makes::Value, identity: usize::MAX, run: Run::Settled(run) }
}

const fn alike(name: &'static str, takes: RangeInclusive<usize>, run: fn(&Args<'_>) -> Outcome) -> Function {
    Function { name, takes, makes: Makes::AsFirst, identity: usize::MAX, run: Run::Settled(run) }
}

const fn open(
    name: &'static str,
    takes: RangeInclusive<usize>,
    run: fn(&mut Call<'_>) -> Outcome,
) -> Function {
    Function { name, takes, makes: Makes::Value, identity: usize::MAX, run: Run::Open(run) }
}

const ANY: usize = usize::MAX;

const GROUPS: &[&[Function]] = &[
    text::FUNCTIONS,
    collection::FUNCTIONS,
    object::FUNCTIONS,
    number::FUNCTIONS,
    logic::FUNCTIONS,
    resource::FUNCTIONS,
    surroundings::FUNCTIONS,
    cidr::FUNCTIONS,
    lambda::FUNCTIONS,
];

/// The function of a name, without regard to case.
pub(super) fn find(name: &str) -> Option<&'static Function> {
    static BY_LENGTH: OnceLock<Vec<Vec<&'static Function>>> = OnceLock::new();
    let table = BY_LENGTH.get_or_init(|| {
        let all = || GROUPS.iter().flat_map(|group| group.iter());
        let longest = all().map(|row| row.name.len()).max().unwrap_or(0);
        (0..=longest).map(|length| all().filter(|row| row.name.len() == length).collect()).collect()
    });
    table.get(name.len())?.iter().find(|row| row.name.eq_ignore_ascii_case(name)).copied()
}

/// The words for a name that no function has.
pub(super) fn no_such(name: &str) -> String {
    let names = GROUPS.iter().flat_map(|group| group.iter()).map(|row| row.name);
    super::unknown_name("function", name, names)
}

/// Whether members that the template does not write may still be there after deployment.
pub(super) fn answers_at_deployment(expression: &Expr) -> bool {
    match &expression.form {
        Form::Access { base, .. } => answers_at_deployment(base),
        Form::Call { name, .. } => {
            const OPEN: &[&str] =
                &["reference", "references", "resourceGroup", "subscription", "deployment", "resourceInfo"];
            OPEN.iter().any(|open| open.eq_ignore_ascii_case(name))
        }
        _ => false,
    }
}

/// A call before its arguments are worked out.
pub(super) struct Call<'a> {
    pub(super) engine: &'a mut Engine,
    pub(super) env: &'a Env,
    pub(super) raw: &'a [Expr],
    pub(super) function: &'static Function,
}

impl Call<'_> {
    /// One argument's value.
    fn eval(&mut self, index: usize) -> Outcome {
        match self.raw.get(index) {
            Some(expression) => Ok(self.engine.eval(self.env, expression)?),
            None => Err(Bad::Words(format!("argument {} is missing", index + 1))),
        }
    }

    fn all(&mut self) -> Result<Vec<Node>, Bad> {
        Ok(self.engine.arguments(self.env, self.raw)?)
    }

    fn node(&self, kind: Kind) -> Node {
        self.env.node(kind)
    }

    /// The call as a symbol or unknown.
    fn unsettled(&mut self, arguments: &[Node]) -> Node {
        let kept = &arguments[..self.function.identity.min(arguments.len())];
        self.engine.unsettled(self.env, self.function.name, self.function.makes, kept)
    }

    fn unsettled_text(&mut self, arguments: &[Node]) -> Node {
        self.engine.unsettled(self.env, self.function.name, Makes::Text, arguments)
    }
}

/// The arguments of a settled call.
pub(super) struct Args<'a> {
    pub(super) nodes: &'a [Node],
    pub(super) place: &'a Place,
}

impl<'a> Args<'a> {
    fn len(&self) -> usize {
        self.nodes.len()
    }

    fn get(&self, index: usize) -> Result<&'a Node, Bad> {
        self.nodes.get(index).ok_or_else(|| Bad::Words(format!("argument {} is missing", index + 1)))
    }

    fn expected<T>(&self, index: usize, found: Option<T>, expected: &str) -> Result<T, Bad> {
        let node = self.get(index)?;
        match found {
            Some(value) => Ok(value),
            None if node.gap().is_some() => Err(Bad::Unsettled),
            None => {
                let found = node.type_name();
                Err(Bad::Words(format!("argument {} is {found}, expected {expected}", index + 1)))
            }
        }
    }

    fn text(&self, index: usize) -> Result<&'a str, Bad> {
        self.expected(index, self.get(index)?.as_str(), "a string")
    }

    fn integer(&self, index: usize) -> Result<i64, Bad> {
        self.expected(index, self.get(index)?.as_integer(), "an integer")
    }

    fn bool(&self, index: usize) -> Result<bool, Bad> {
        self.expected(index, self.get(index)?.as_bool(), "a boolean")
    }

    fn array(&self, index: usize) -> Result<&'a [Node], Bad> {
        self.expected(index, self.get(index)?.as_array(), "an array")
    }

    fn object(&self, index: usize) -> Result<&'a [(Arc<str>, Node)], Bad> {
        let node = self.get(index)?;
        self.expected(index, node.as_object().map(crate::sources::json::Object::entries), "an object")
    }

    fn node(&self, kind: Kind) -> Node {
        Node::new(kind, self.place.clone())
    }

    fn make_text(&self, text: impl Into<Arc<str>>) -> Outcome {
        Ok(self.node(Kind::string(text)))
    }

    fn make_integer(&self, number: i64) -> Outcome {
        Ok(self.node(Kind::integer(number)))
    }

    fn make_bool(&self, value: bool) -> Outcome {
        Ok(self.node(Kind::Bool(value)))
    }

    fn make_array(&self, items: Vec<Node>) -> Outcome {
        Ok(self.node(Kind::array(items)))
    }
}
