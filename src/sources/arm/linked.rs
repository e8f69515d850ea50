//! Templates in files beside the main one, linked by `templateLink.relativePath`.

use super::evaluate::{Engine, Env};
use super::names;
use super::scope::Scope;
use crate::sources::beside::{Beside, below};
use crate::sources::json::{self, Document, Node};
use crate::sources::text;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// Bytes of all linked templates of one input; Azure itself takes 4 MB for a template with all it links.
const MAX_LINKED: usize = 8 * 1024 * 1024;

/// The linked templates of one input.
#[derive(Default)]
pub(super) struct Linked {
    pub(super) beside: Beside,
    /// By path: what was read, or why it was not.
    read: HashMap<String, Result<Document, String>>,
    bytes: usize,
}

impl Linked {
    /// What was read.
    pub(super) fn documents(self) -> Vec<Document> {
        let mut read: Vec<(String, Document)> =
            self.read.into_iter().filter_map(|(path, document)| Some((path, document.ok()?))).collect();
        read.sort_by(|(left, _), (right, _)| left.cmp(right));
        read.into_iter().map(|(_, document)| document).collect()
    }

    /// The template at a path; `main` is the file that the path is beside.
    fn template(&mut self, path: &str, main: &str) -> Result<Node, String> {
        if !self.read.contains_key(path) {
            let document = self.document(path, main);
            self.read.insert(path.to_owned(), document);
        }
        match &self.read[path] {
            Ok(document) => Ok(document.root.clone()),
            Err(why) => Err(why.clone()),
        }
    }

    fn document(&mut self, path: &str, main: &str) -> Result<Document, String> {
        let bytes = self.beside.get(path).ok_or("it is not beside this file")?;
        self.bytes = self.bytes.saturating_add(bytes.len());
        if self.bytes > MAX_LINKED {
            return Err(format!("linked templates have more than {MAX_LINKED} bytes"));
        }
        let folder = main.rfind(['/', '\\']).map_or("", |end| &main[..=end]);
        let file: Arc<str> = format!("{folder}{path}").into();
        let text = text::decode(bytes, &file).map_err(|error| error.to_string())?;
        let document = json::read_owned(&file, text).map_err(|error| error.0.to_string())?;
        if !super::is_template(&document.root) {
            return Err("it is no template".to_owned());
        }
        json::name_places(names::places(&document.root));
        Ok(document)
    }
}

impl Engine {
    /// The template that a deployment links and its path, `None` where it links none by path.
    ///
    /// # Errors
    /// Why the template is not read.
    pub(super) fn linked(
        &mut self,
        env: &Env,
        properties: Option<&Node>,
    ) -> Result<Option<(Node, Arc<str>)>, String> {
        let relative = properties.and_then(|node| node.at(&["templateLink", "relativePath"]));
        let Some(relative) = relative.filter(|_| self.linked.beside.is_there()) else { return Ok(None) };
        if properties.is_some_and(|node| node.get("parametersLink").is_some()) {
            return Err("its parameters are in another file too".to_owned());
        }
        let relative = self.value(env, relative);
        let Some(relative) = relative.as_str() else { return Err("its path is not settled".to_owned()) };
        let said = |why: &str| format!("`{relative}`: {why}");
        let Some(path) = below(&env.scope.file, relative) else {
            return Err(said("it is outside the folder of the main template"));
        };
        if env.scope.is_inside(&path) {
            return Err(said("it links itself"));
        }
        let mut main = &env.scope;
        while let Some(parent) = &main.parent {
            main = parent;
        }
        let main = Rc::clone(main);
        let main = main.template.origin().file;
        let template = self.linked.template(&path, &main).map_err(|why| said(&why))?;
        // A template that is linked many times is gone through as often.
        self.walked(&template);
        Ok(Some((template, path.into())))
    }
}

impl Scope {
    /// Whether a file is this one or one on the way here.
    fn is_inside(&self, file: &str) -> bool {
        *self.file == *file || self.parent.as_ref().is_some_and(|parent| parent.is_inside(file))
    }
}
