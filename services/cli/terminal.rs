//! The only place that writes to stdout and stderr, and the one that decides about colour.
//! It knows nothing of incidents; callers hand it finished text.

use std::{
    env,
    io::{self, BufRead, IsTerminal, Write},
};

use comfy_table::{Attribute, Cell, Color};

use super::failure::Failure;

/// Where data and messages go.
pub struct Terminal {
    out: Box<dyn Write + Send>,
    err: Box<dyn Write + Send>,
    colour: bool,
    /// Data goes to a person's terminal, so that tables may wrap to its width.
    pub(super) interactive: bool,
    questions: bool,
}

/// How a piece of text is to stand out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Tone {
    /// As everything else.
    Plain,
    /// Less important.
    Dim,
    /// Fine.
    Good,
    /// Needs a look.
    Warn,
    /// Needs a hand.
    Bad,
    /// A heading.
    Strong,
    /// What somebody asks for.
    Call,
}

impl Terminal {
    /// The process's own stdout and stderr.
    pub fn standard(no_color: bool) -> Self {
        let interactive = io::stdout().is_terminal();
        Self {
            out: Box::new(io::stdout()),
            err: Box::new(io::stderr()),
            colour: interactive && !no_color && colour_allowed(|name| env::var(name).ok()),
            interactive,
            questions: io::stdin().is_terminal() && io::stderr().is_terminal(),
        }
    }

    /// Writers of the caller's, without colour and without questions.
    pub fn captured(out: Box<dyn Write + Send>, err: Box<dyn Write + Send>) -> Self {
        Self { out, err, colour: false, interactive: false, questions: false }
    }

    /// Writes data and ends the line.
    pub(super) fn data(&mut self, text: &str) -> Result<(), Failure> {
        self.show(text).map_err(|source| Failure::io("writing to stdout", source))
    }

    /// Writes data and ends the line, for those who have failures of their own.
    pub(crate) fn show(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")?;
        self.out.flush()
    }

    /// Tells the person something that is no data.
    pub fn say(&mut self, text: &str) {
        // If even stderr is gone there is nobody left to tell.
        let _ = writeln!(self.err, "{text}");
    }

    /// Overwrites one line with how far something is, where a person watches.
    pub(super) fn progress(&mut self, text: &str) {
        if self.questions {
            let _ = write!(self.err, "\r\x1b[K{text}");
            let _ = self.err.flush();
        }
    }

    /// Asks before something that cannot be taken back; where nobody can answer, asking for it was the answer.
    pub(super) fn confirm(&mut self, question: &str, yes: bool) -> Result<(), Failure> {
        if yes || !self.questions {
            return Ok(());
        }
        let _ = write!(self.err, "{question} [y/N] ");
        let _ = self.err.flush();
        let mut answer = String::new();
        io::stdin()
            .lock()
            .read_line(&mut answer)
            .map_err(|source| Failure::io("reading the answer", source))?;
        if matches!(answer.trim(), "y" | "Y" | "yes") {
            return Ok(());
        }
        Err(Failure::Negative("not confirmed; nothing was changed".to_owned()))
    }

    /// Text in a tone, if there is colour here.
    pub(crate) fn paint(&self, text: &str, tone: Tone) -> String {
        let code = match tone {
            Tone::Plain => return text.to_owned(),
            _ if !self.colour => return text.to_owned(),
            Tone::Dim => "2",
            Tone::Good => "32",
            Tone::Warn => "33",
            Tone::Bad => "1;31",
            Tone::Strong => "1",
            Tone::Call => "36",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }

    /// A cell of a table in a tone; the table itself leaves colour out where there is none.
    pub(super) fn cell(&self, text: impl Into<String>, tone: Tone) -> Cell {
        let cell = Cell::new(text.into());
        match tone {
            _ if !self.colour => cell,
            Tone::Plain => cell,
            Tone::Dim => cell.add_attribute(Attribute::Dim),
            Tone::Good => cell.fg(Color::Green),
            Tone::Warn => cell.fg(Color::Yellow),
            Tone::Bad => cell.fg(Color::Red).add_attribute(Attribute::Bold),
            Tone::Strong => cell.add_attribute(Attribute::Bold),
            Tone::Call => cell.fg(Color::Cyan),
        }
    }
}

fn colour_allowed(variable: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name| variable(name).is_some_and(|value| !value.is_empty());
    !set("NO_COLOR") && !set("STENTOR_NO_COLOR") && variable("TERM").as_deref() != Some("dumb")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_ends_where_the_environment_says_so() {
        let with = |name: &'static str, value: &'static str| {
            colour_allowed(move |asked| (asked == name).then(|| value.to_owned()))
        };
        assert!(with("TERM", "xterm-256color"));
        assert!(with("NO_COLOR", ""));
        assert!(!with("NO_COLOR", "1"));
        assert!(!with("STENTOR_NO_COLOR", "1"));
        assert!(!with("TERM", "dumb"));
    }

    #[test]
    fn captured_text_has_no_colour() {
        let terminal = Terminal::captured(Box::new(io::sink()), Box::new(io::sink()));

        assert_eq!(terminal.paint("P1", Tone::Bad), "P1");
    }
}
