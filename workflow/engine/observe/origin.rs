//! Where a transition came from, as the history keeps it: beside the command's id, so that it survives a restart and
//! costs nothing where nobody traces. It is never read to decide anything.

use std::fmt;

/// A sampled span by its W3C ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Origin {
    pub trace: u128,
    pub span: u64,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}-{:016x}", self.trace, self.span)
    }
}

impl Origin {
    /// The command's id with its origin behind it.
    pub(crate) fn noted(self, command: &str) -> String {
        format!("{command}~{self}")
    }

    /// The origin behind a command's id, if there is one.
    pub(crate) fn of(cause: &str) -> Option<Origin> {
        let (trace, span) = cause.split_once('~')?.1.split_once('-')?;
        let (trace, span) = (u128::from_str_radix(trace, 16).ok()?, u64::from_str_radix(span, 16).ok()?);
        (trace != 0 && span != 0).then_some(Origin { trace, span })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_comes_back_from_the_cause_it_was_noted_in() {
        let origin = Origin { trace: 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c, span: 7 };
        let cause = origin.noted("0198c");
        assert_eq!(cause, "0198c~0af7651916cd43dd8448eb211c80319c-0000000000000007");
        assert_eq!(Origin::of(&cause), Some(origin));
    }

    #[test]
    fn a_cause_without_an_origin_has_none() {
        for cause in ["", "0198c", "0198c~", "0198c~1", "0198c~0-0", "0198c~x-1"] {
            assert_eq!(Origin::of(cause), None, "{cause}");
        }
    }
}
