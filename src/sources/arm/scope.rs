//! A template while it is being read: its named values, its resources, and where it deploys to.
//!
//! Parameters and variables are worked out on first use and kept. A nested deployment of inner scope has
//! values of its own; one of outer scope shares those of the template around it and differs only in where
//! its resources go.

use super::by_name::ByName;
use super::evaluate::{Engine, Env, Link};
use super::expression::quoted;
use crate::finding::{Code, Finding};
use crate::model::{Fact, Gap, Origin, ResourceId};
use crate::sources::json::{Kind, Node};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// A value that is worked out at most once.
pub(super) enum Slot {
    Idle,
    Running,
    Done(Node),
}

pub(super) type Memo = RefCell<Slot>;

pub(super) fn memo() -> Memo {
    RefCell::new(Slot::Idle)
}

/// Where the resources of a template go.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// The subscription's id alone, absent for a tenant or management group.
    pub(super) subscription: Option<Arc<str>>,
    /// The resource group's name, absent above resource groups.
    pub(super) group: Option<Arc<str>>,
}

impl Target {
    /// What the template's schema says.
    pub(super) fn of_schema(schema: &str) -> Self {
        let schema = schema.to_ascii_lowercase();
        let subscription = Arc::from("${subscription().subscriptionId}");
        if schema.contains("tenantdeployment") || schema.contains("managementgroupdeployment") {
            Self { subscription: None, group: None }
        } else if schema.contains("subscriptiondeployment") {
            Self { subscription: Some(subscription), group: None }
        } else {
            Self { subscription: Some(subscription), group: Some("${resourceGroup().name}".into()) }
        }
    }

    /// The id of the scope, before `/providers/`.
    pub(super) fn id(&self) -> String {
        match (&self.subscription, &self.group) {
            (Some(subscription), Some(group)) => {
                format!("/subscriptions/{subscription}/resourceGroups/{group}")
            }
            (Some(subscription), None) => format!("/subscriptions/{subscription}"),
            _ => String::new(),
        }
    }
}

/// One parameter of a template.
pub(super) struct Parameter {
    pub(super) name: Arc<str>,
    pub(super) declaration: Node,
    pub(super) given: Option<Given>,
    pub(super) memo: Memo,
}

/// Where a parameter's value comes from, if not from its default.
pub(super) enum Given {
    /// A parameter file or the command line: no expressions in it.
    Literal(Node),
    /// The template around it: an expression of that one's.
    Bound(Node, Env),
    /// The template around it: an expression that makes the object with `value`, as compiled Bicep writes
    /// what depends on a condition.
    Wrapped(Node, Env),
    /// A reference to a secret, which no file holds.
    Secret(Node),
}

/// A variable: its raw value, or one loop that makes it.
pub(super) struct Variable {
    pub(super) name: Arc<str>,
    pub(super) raw: Node,
    pub(super) looped: bool,
    pub(super) memo: Memo,
}

/// The named values of a template.
pub(super) struct Values {
    /// Names of the deployments on the way here; empty for the file's own template.
    pub(super) label: String,
    pub(super) parameters: ByName<String, Parameter>,
    pub(super) variables: ByName<String, Variable>,
    /// `namespace.name` in lower case.
    pub(super) functions: ByName<String, Node>,
    pub(super) target: Target,
}

/// A template at work.
pub(super) struct Scope {
    pub(super) template: Node,
    /// The file that it stands in, from the folder of the main template.
    pub(super) file: Arc<str>,
    pub(super) values: Rc<Values>,
    pub(super) target: Target,
    pub(super) parent: Option<Rc<Scope>>,
    /// How many deployments it stands in.
    pub(super) depth: usize,
    pub(super) exists: Fact<bool>,
    /// Filled by the first look at the resources.
    pub(super) declared: RefCell<Option<Vec<Rc<Declared>>>>,
    /// The same by symbolic name and by name in lower case.
    pub(super) names: RefCell<ByName<String, Rc<Declared>>>,
}

/// A resource that a template declares, before its body is worked out.
pub(super) struct Declared {
    pub(super) raw: Node,
    pub(super) kind: String,
    pub(super) name: Node,
    pub(super) id: ResourceId,
    pub(super) env: Env,
    pub(super) exists: Fact<bool>,
    pub(super) existing: bool,
    pub(super) symbolic: Option<Arc<str>>,
    pub(super) body: Memo,
    /// The template inside, for a nested deployment.
    pub(super) inner: RefCell<Option<Rc<Scope>>>,
}

impl Values {
    /// The values that a template declares; `given` has its keys in lower case.
    pub(super) fn of(
        template: &Node,
        label: &str,
        target: &Target,
        mut given: ByName<String, Given>,
    ) -> Self {
        let mut parameters = ByName::default();
        for (name, declaration) in template.get("parameters").map(Node::entries).unwrap_or_default() {
            let key = name.to_lowercase();
            let parameter = Parameter {
                name: Arc::clone(name),
                declaration: resolved(template, declaration),
                given: given.remove(&key),
                memo: memo(),
            };
            parameters.insert(key, parameter);
        }
        let mut variables = ByName::default();
        let mut variable = |name: &Arc<str>, raw: &Node, looped| {
            let entry = Variable { name: Arc::clone(name), raw: raw.clone(), looped, memo: memo() };
            variables.insert(name.to_lowercase(), entry);
        };
        for (name, raw) in template.get("variables").map(Node::entries).unwrap_or_default() {
            if !name.eq_ignore_ascii_case("copy") || raw.as_array().is_none() {
                variable(name, raw, false);
                continue;
            }
            for each in raw.items() {
                if let Some(name) = each.get("name").and_then(Node::as_str) {
                    variable(&name.into(), each, true);
                }
            }
        }
        let mut functions = ByName::default();
        for group in template.get("functions").map(Node::items).unwrap_or_default() {
            let namespace = group.get("namespace").and_then(Node::as_str).unwrap_or_default();
            for (name, function) in group.get("members").map(Node::entries).unwrap_or_default() {
                functions.insert(format!("{namespace}.{name}").to_lowercase(), function.clone());
            }
        }
        Self { label: label.to_owned(), parameters, variables, functions, target: target.clone() }
    }
}

impl Engine {
    /// The value of a parameter.
    pub(super) fn parameter(&mut self, env: &Env, name: &str) -> Result<Node, String> {
        let values = Rc::clone(&env.scope.values);
        let Some(parameter) = values.parameters.get(&name.to_lowercase()) else {
            let names = values.parameters.values().map(|parameter| &*parameter.name);
            return Err(super::unknown_name("parameter", name, names));
        };
        let label = format!("parameters('{}')", parameter.name);
        self.once(label, &parameter.memo, |engine| {
            let node = match &parameter.given {
                Some(Given::Literal(node)) => engine.or_default(env, parameter, node.clone()),
                Some(Given::Bound(raw, outer)) => {
                    let node = engine.value(outer, raw);
                    engine.or_default(env, parameter, node)
                }
                Some(Given::Wrapped(raw, outer)) => {
                    let node = engine.value(outer, raw);
                    let node = engine.unwrapped(&values, parameter, &node);
                    engine.or_default(env, parameter, node)
                }
                Some(Given::Secret(node)) => engine.secret(&values, parameter, node),
                None => engine.default_value(env, parameter).unwrap_or_else(|| {
                    let name = &parameter.name;
                    let at = parameter.declaration.origin();
                    let mut gap = Gap::new(format!("parameter `{name}` has no value")).at(&at);
                    if values.label.is_empty() {
                        gap = gap.supplied_by(format!("--set {name}=VALUE"));
                    } else {
                        let message =
                            format!("the deployment `{}` gives parameter `{name}` no value", values.label);
                        engine.report(&at, message);
                    }
                    engine.valueless(&values, parameter, gap, &parameter.declaration)
                }),
            };
            engine.check_type(&values, parameter, &node);
            node
        })
    }

    /// What a parameter is without a value given to it; `None` where it must be given one.
    fn default_value(&mut self, env: &Env, parameter: &Parameter) -> Option<Node> {
        match default_of(&parameter.declaration) {
            Some(raw) => Some(self.value(&plain(env), raw)),
            None => is_nullable(&parameter.declaration)
                .then(|| Node::new(Kind::Null, parameter.declaration.place().clone())),
        }
    }

    /// The value given; null for what cannot be null stands for the default, as modules of Bicep pass it on.
    fn or_default(&mut self, env: &Env, parameter: &Parameter, given: Node) -> Node {
        if !given.is_null() || is_nullable(&parameter.declaration) {
            return given;
        }
        self.default_value(env, parameter).unwrap_or(given)
    }

    /// What stands under `value` in the object that an expression made.
    fn unwrapped(&mut self, values: &Values, parameter: &Parameter, made: &Node) -> Node {
        if let Some(gap) = made.gap() {
            return self.valueless(values, parameter, gap.clone(), made);
        }
        match (made.get("value"), made.get("reference")) {
            (Some(value), _) => value.clone(),
            (None, Some(secret)) => self.secret(values, parameter, secret),
            (None, None) => made.clone(),
        }
    }

    /// A parameter whose value a key vault keeps.
    fn secret(&mut self, values: &Values, parameter: &Parameter, at: &Node) -> Node {
        let gap = Gap::new(format!("parameter `{}` is a secret of a key vault", parameter.name));
        self.valueless(values, parameter, gap.at(&at.origin()), at)
    }

    /// A parameter that stays open: a text still joins others, by its name.
    fn valueless(&mut self, values: &Values, parameter: &Parameter, gap: Gap, at: &Node) -> Node {
        let name = match values.label.is_empty() {
            true => parameter.name.to_string(),
            false => format!("{}/{}", values.label, parameter.name),
        };
        let text = format!("parameters({})", quoted(&name));
        let kind = match declared_type(&parameter.declaration).as_deref() {
            Some("string" | "securestring") => Kind::symbol(format!("${{{text}}}"), gap),
            _ => Kind::unknown(text, gap),
        };
        Node::new(kind, at.place().clone())
    }

    fn check_type(&mut self, values: &Values, parameter: &Parameter, node: &Node) {
        let Some(declared) = declared_type(&parameter.declaration) else { return };
        let fits = match (&*declared, node.kind()) {
            (_, Kind::Unknown(_)) => true,
            ("string" | "securestring", Kind::String(_) | Kind::Symbol(_)) => true,
            ("int", Kind::Number(_)) | ("bool", Kind::Bool(_)) | ("array", Kind::Array(_)) => true,
            ("object" | "secureobject", Kind::Object(_)) => true,
            (_, Kind::Null) => is_nullable(&parameter.declaration),
            ("string" | "securestring" | "int" | "bool" | "array" | "object" | "secureobject", _) => false,
            _ => true,
        };
        let name = &parameter.name;
        if !fits {
            let message = format!(
                "parameter `{name}` is declared as `{declared}`, and its value is {}",
                node.type_name()
            );
            self.report_about(&node.origin(), message, name);
        }
        let allowed = parameter.declaration.get("allowedValues").map(Node::items).unwrap_or_default();
        let is_allowed = |node: &Node| {
            node.first_gap().is_some() || allowed.iter().any(|value| super::equal(value, node) != Some(false))
        };
        let every = node.as_array().is_some() && allowed.iter().all(|value| value.as_array().is_none());
        let good = if every { node.items().iter().all(is_allowed) } else { is_allowed(node) };
        if fits && !allowed.is_empty() && !good && !node.is_null() && values.label.is_empty() {
            let message = format!("parameter `{name}` has a value that its `allowedValues` do not list");
            self.report_about(&node.origin(), message, name);
        }
    }

    fn report_about(&mut self, origin: &Origin, message: String, subject: &str) {
        self.findings.push(Finding::new(Code::Template, origin, message).about(subject));
    }

    /// The value of a variable.
    pub(super) fn variable(&mut self, env: &Env, name: &str) -> Result<Node, String> {
        let values = Rc::clone(&env.scope.values);
        let Some(variable) = values.variables.get(&name.to_lowercase()) else {
            let names = values.variables.values().map(|variable| &*variable.name);
            return Err(super::unknown_name("variable", name, names));
        };
        self.once(format!("variables('{}')", variable.name), &variable.memo, |engine| {
            if variable.looped {
                engine.property_loop(&plain(env), &variable.raw)
            } else {
                engine.value(&plain(env), &variable.raw)
            }
        })
    }
}

/// The surroundings of a named value: the template, and none of the loops around its use.
fn plain(env: &Env) -> Env {
    Env { copies: Link::End, lambdas: Link::End, arguments: None, ..env.clone() }
}

/// The default; `null` for what cannot be null is the same as none.
pub(super) fn default_of(declaration: &Node) -> Option<&Node> {
    declaration.get("defaultValue").filter(|raw| !raw.is_null() || is_nullable(declaration))
}

/// A declaration with the type that it takes from `definitions`, and whether null is a value of that.
pub(super) fn resolved(template: &Node, declaration: &Node) -> Node {
    /// A type that leads back to itself is none.
    const MOST: usize = 32;
    const KEYS: [&str; 2] = ["type", "nullable"];
    let definition = |node: &Node| {
        let name = node.get("$ref")?.as_str()?.strip_prefix("#/definitions/")?;
        template.get("definitions")?.get(name).cloned()
    };
    let mut entries: Option<Vec<(Arc<str>, Node)>> = None;
    let mut next = definition(declaration);
    for _ in 0..MOST {
        let Some(node) = next else { break };
        let known = entries.get_or_insert_with(|| declaration.entries().to_vec());
        for key in KEYS {
            if let Some(value) = node.get(key)
                && !known.iter().any(|(name, _)| name.eq_ignore_ascii_case(key))
            {
                known.push((Arc::from(key), value.clone()));
            }
        }
        next = definition(&node);
    }
    match entries {
        Some(entries) => Node::new(Kind::object(entries), declaration.place().clone()),
        None => declaration.clone(),
    }
}

fn declared_type(declaration: &Node) -> Option<String> {
    declaration.get("type").and_then(Node::as_str).map(str::to_lowercase)
}

fn is_nullable(declaration: &Node) -> bool {
    declaration.get("nullable").and_then(Node::as_bool) == Some(true)
}

impl Scope {
    /// Lets go of the resources, whose surroundings point back here.
    pub(super) fn release(&self) {
        self.names.take();
        for one in self.declared.take().unwrap_or_default() {
            if let Some(inner) = one.inner.take() {
                inner.release();
            }
        }
    }
}
