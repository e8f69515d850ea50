//! Colours, and columns whose widths come from what is in them.

use anstyle::{AnsiColor, Style};

/// What a colour says. Symbols and words say it too: a log file loses nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Hue {
    /// No colour.
    Plain,
    /// Blocked, failed.
    Bad,
    /// Partial, unknown, a warning.
    Doubt,
    /// Allowed, passed.
    Good,
    /// Beside the point.
    Dim,
    /// A name that stands above lines.
    Head,
}

/// Writes colours, or leaves them out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paint(pub(super) bool);

impl Paint {
    /// The text in a colour.
    pub(super) fn put(self, hue: Hue, text: &str) -> String {
        let style = match hue {
            Hue::Plain => return text.to_owned(),
            Hue::Bad => AnsiColor::Red.on_default(),
            Hue::Doubt => AnsiColor::Yellow.on_default(),
            Hue::Good => AnsiColor::Green.on_default(),
            Hue::Dim => Style::new().dimmed(),
            Hue::Head => Style::new().bold(),
        };
        if self.0 && !text.is_empty() { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

/// One cell of a line.
#[derive(Clone)]
pub(super) struct Cell {
    text: String,
    hue: Hue,
}

/// A cell in a colour.
pub(super) fn cell(text: impl Into<String>, hue: Hue) -> Cell {
    Cell { text: text.into(), hue }
}

/// A cell without a colour.
pub(super) fn plain(text: impl Into<String>) -> Cell {
    cell(text, Hue::Plain)
}

/// Widths of columns.
pub(super) struct Columns(Vec<usize>);

impl Columns {
    /// The widths that hold every cell; one that is longer than `most` stands out and widens nothing.
    pub(super) fn fit<'a>(lines: impl IntoIterator<Item = &'a Vec<Cell>>, most: usize) -> Self {
        let mut widths: Vec<usize> = Vec::new();
        for line in lines {
            for (place, cell) in line.iter().enumerate() {
                let width = cell.text.chars().count();
                if widths.len() <= place {
                    widths.push(0);
                }
                if width <= most {
                    widths[place] = widths[place].max(width);
                }
            }
        }
        Self(widths)
    }

    /// One line, without blanks at its end.
    pub(super) fn line(&self, cells: &[Cell], paint: Paint) -> String {
        let mut line = String::new();
        let mut owed = 0;
        for (place, cell) in cells.iter().enumerate() {
            let width = self.0.get(place).copied().unwrap_or_default();
            let found = cell.text.chars().count();
            if width == 0 && found == 0 {
                continue;
            }
            if found > 0 {
                line.extend(std::iter::repeat_n(' ', owed));
                line.push_str(&paint.put(cell.hue, &cell.text));
                owed = 0;
            }
            owed += width.saturating_sub(found) + 2;
        }
        line
    }
}
