//! Runs one scenario: file, tags, input, network, questions.

use super::expect::{Expectation, Question};
use super::file::{Draft, ScenarioFile};
use super::ground::build;
use super::judge::Stage;
use super::mistake::{Mistake, Mistakes};
use super::outcome::{Checked, Outcome};
use crate::analyses::lint;
use crate::analyses::needed_flows::{CheckOptions, check};
use crate::finding::Finding;
use crate::model::Origin;
use crate::network::Network;
use crate::sources::{self, Beside, ReadOptions};
use crate::tags::TagSnapshot;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// The largest scenario file that is read, in bytes.
const LARGEST: usize = 16 << 20;

/// Where a scenario's files come from.
pub trait Files {
    /// The bytes of a file.
    ///
    /// # Errors
    /// Why it cannot be read, in words: lower case, no full stop.
    fn read(&self, path: &Path) -> Result<Vec<u8>, String>;

    /// The files beside an input, for templates that it links.
    fn beside(&self, _path: &Path) -> Beside {
        Beside::default()
    }

    /// The network that the file behind `input:` holds.
    ///
    /// # Errors
    /// Why it holds none, in words.
    fn load(&self, path: &Path, input: &ScenarioInput) -> Result<Loaded, String> {
        let mut options =
            ReadOptions { set: input.set.clone(), beside: self.beside(path), ..ReadOptions::default() };
        if let Some(file) = &input.parameters {
            let bytes = self.read(file).map_err(|error| format!("`{}`: {error}", shown(file)))?;
            options.parameters.push((shown(file), bytes));
        }
        let read =
            sources::read(&self.read(path)?, &shown(path), &options).map_err(|error| error.to_string())?;
        Ok(Loaded { network: read.network, findings: read.findings })
    }
}

/// What a scenario says about its input besides the file's name.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ScenarioInput {
    /// A parameter file.
    pub parameters: Option<PathBuf>,
    /// Template parameters by name.
    pub set: Vec<(String, String)>,
}

/// What an input holds.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// Its network.
    pub network: Network,
    /// What its reader found.
    pub findings: Vec<Finding>,
}

/// A path as people would write it: `scenarios/../main.json` is `main.json`.
fn shown(path: &Path) -> String {
    let mut parts = PathBuf::new();
    for part in path.components() {
        let leads_back = part == Component::ParentDir
            && matches!(parts.components().next_back(), Some(Component::Normal(_)));
        match part {
            Component::CurDir => {}
            _ if leads_back => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.display().to_string()
}

/// Runs one scenario file, with a service tag list for scenarios that name none.
pub fn run(path: &Path, files: &dyn Files, builtin: &TagSnapshot) -> Outcome {
    let name = path.display().to_string();
    let file: Arc<str> = name.as_str().into();
    let read = text(path, &file, files).and_then(|text| Draft::read(&file, &text));
    let draft = match read {
        Ok(draft) => draft,
        Err(mistakes) => return Outcome::refused(&name, &name, mistakes),
    };
    let title = draft.scenario.title.clone();
    match answer(draft, path, files, builtin) {
        Err(mistakes) => Outcome::refused(&name, &title, mistakes),
        Ok(expectations) => Outcome {
            file: name,
            name: title,
            passed: expectations.iter().all(|checked| checked.passed),
            expectations,
            mistakes: Vec::new(),
        },
    }
}

fn text(path: &Path, file: &Arc<str>, files: &dyn Files) -> Result<String, Vec<Mistake>> {
    let refuse = |message: String| vec![Mistake::new(&Origin::new(file, 1, 1, ""), message)];
    let bytes = files.read(path).map_err(|error| refuse(format!("cannot be read: {error}")))?;
    if bytes.len() > LARGEST {
        let message = format!("the file has {} bytes; a scenario has at most {LARGEST}", bytes.len());
        return Err(refuse(message));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let valid = String::from_utf8_lossy(valid);
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let last = valid.rsplit('\n').next().unwrap_or_default();
        let at =
            Origin::new(file, number(valid.matches('\n').count() + 1), number(last.chars().count() + 1), "");
        vec![Mistake::new(&at, "the text is not UTF-8 here")]
    })
}

fn answer(
    draft: Draft,
    path: &Path,
    files: &dyn Files,
    builtin: &TagSnapshot,
) -> Result<Vec<Checked>, Vec<Mistake>> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let Draft { scenario, expectations, mut mistakes } = draft;
    let tags = tags(&scenario, folder, files, &mut mistakes).flatten();
    let tags = tags.as_ref().unwrap_or(builtin);
    let loaded = load(&scenario, folder, files, &mut mistakes).unwrap_or_default();
    let (network, mut mistakes) = build(&scenario, loaded.network, tags, mistakes);
    let options =
        CheckOptions { tags, profile: scenario.profile, parameters: &scenario.params, features: &[] };
    let mut answer = check(&network, &options);
    answer.findings.extend(loaded.findings);
    if scenario.expectations.iter().any(asks_for_standings) {
        let standings = lint::standings(&network, None, tags);
        answer.findings.extend(standings.findings.into_iter().map(|found| found.finding));
    }
    answer.findings.sort();
    answer.findings.dedup();
    let stage = Stage { network: &network, tags, answer: &answer };
    for draft in &expectations {
        stage.look_up(draft, &scenario, &mut mistakes);
    }
    if !mistakes.is_empty() {
        return Err(mistakes.into_list());
    }
    let checked: Vec<_> = scenario
        .expectations
        .iter()
        .filter_map(|expectation| match stage.judge(expectation) {
            Ok(checked) => Some(checked),
            Err(mistake) => mistakes.note(&mistake.origin, mistake.message),
        })
        .collect();
    mistakes.settle(Some(checked))
}

/// Whether an expectation is about what a rule still does among the others, which few are.
fn asks_for_standings(expectation: &Expectation) -> bool {
    let Question::Finding { code, .. } = &expectation.question else { return false };
    lint::Kind::ALL.iter().any(|kind| kind.code() == Some(*code))
}

/// The list that the scenario names; `None` inside where it names none.
fn tags(
    scenario: &ScenarioFile,
    folder: &Path,
    files: &dyn Files,
    mistakes: &mut Mistakes,
) -> Option<Option<TagSnapshot>> {
    let Some(name) = &scenario.tags else { return Some(None) };
    let path = folder.join(&name.value);
    let bytes = files.read(&path).map_err(|error| format!("`{}` cannot be read: {error}", name.value));
    let bytes = mistakes.take(&name.origin, bytes)?;
    let read = TagSnapshot::read(&bytes, &path.display().to_string(), None);
    mistakes.take(&name.origin, read).map(Some)
}

fn load(
    scenario: &ScenarioFile,
    folder: &Path,
    files: &dyn Files,
    mistakes: &mut Mistakes,
) -> Option<Loaded> {
    let Some(input) = &scenario.input else { return Some(Loaded::default()) };
    if ["parameters", "set"].iter().any(|key| mistakes.touch(key)) {
        mistakes.lose("input");
        return None;
    }
    let with = ScenarioInput {
        parameters: scenario.parameters.as_ref().map(|name| folder.join(&name.value)),
        set: scenario.set.clone(),
    };
    let loaded = files.load(&folder.join(&input.value), &with);
    let loaded = loaded.map_err(|error| format!("`{}`: {error}", input.value));
    mistakes.take(&input.origin, loaded)
}
