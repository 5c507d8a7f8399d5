//! Facts as values of the expression language, borrowed and resolved on access. Maps are walked in key order, so that an
//! expression's result never depends on chance.

use std::collections::BTreeMap;

use cel::common::traits::{Container, Indexer, Iterable, Iterator as CelIterator, Sizer};
use cel::common::types::{CelBool, CelDouble, CelInt, CelString, DYN_TYPE, MAP_TYPE, Type};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use cel::{ExecutionError, Value};
use regex::Regex;

use super::facts::{Fact, Facts};
use super::field::{Field, Object, PATTERN};

/// Hands the facts to an evaluation.
pub(super) struct Names<'a> {
    pub(super) facts: Facts<'a>,
    pub(super) patterns: &'a [Regex],
}

impl VariableResolver for Names<'_> {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        if let Some(field) = Field::parse(name) {
            return self.facts.get(field).and_then(|fact| fact.value());
        }
        if let Some(object) = Object::parse(name) {
            return Some(CowVal::owned(ObjectValue { object, facts: self.facts }));
        }
        let index: usize = name.strip_prefix(PATTERN)?.parse().ok()?;
        self.patterns.get(index).map(|pattern| CowVal::owned(Pattern(pattern)))
    }
}

impl<'a> Fact<'a> {
    /// `None` where a text that should be a number is none.
    fn value<'b>(self) -> Option<CowVal<'b, 'a>> {
        Some(match self {
            Fact::Text(text) => CowVal::owned(CelString::from(text)),
            Fact::Int(number) => CowVal::owned(CelInt::from(number)),
            Fact::Bool(yes) => CowVal::owned(CelBool::from(yes)),
            Fact::Texts(map) => CowVal::owned(Map::new(map, false)),
            Fact::Doubles(map) => CowVal::owned(Map::new(map, true)),
            Fact::Instant(at) => {
                let instant = Value::Timestamp(at.to_string().parse().ok()?);
                CowVal::Owned(Box::<dyn Val>::try_from(instant).ok()?)
            }
        })
    }
}

pub(super) fn text<'k>(key: &'k (dyn Val + '_)) -> Result<&'k str, ExecutionError> {
    key.downcast_ref::<CelString>().map(CelString::inner).ok_or_else(|| ExecutionError::UnexpectedType {
        got: key.get_type().name().to_owned(),
        want: "string".to_owned(),
    })
}

/// `signal`, `service`, `incident`, `open`, or the labels behind `label()`.
#[derive(Debug, Clone, Copy)]
struct ObjectValue<'a> {
    object: Object,
    facts: Facts<'a>,
}

impl Val for ObjectValue<'_> {
    fn get_type(&self) -> &Type {
        &DYN_TYPE
    }

    fn cel_type() -> &'static Type {
        &DYN_TYPE
    }

    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
    where
        Self: 'v,
    {
        Box::new(*self)
    }
}

impl Indexer for ObjectValue<'_> {
    fn get<'b, 'v>(&'b self, key: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let key = text(key)?;
        let missing = || ExecutionError::no_such_key(key);
        match self.object {
            Object::Open => {
                let open = self.facts.open(key).ok_or_else(missing)?;
                Ok(CowVal::owned(CelBool::from(open)))
            }
            Object::Label => {
                let label = self.facts.labels().get(key).map_or("", String::as_str);
                Ok(CowVal::owned(CelString::from(label)))
            }
            Object::Signal | Object::Service | Object::Incident => {
                let fact = self.object.field(key).and_then(|field| self.facts.get(field));
                fact.and_then(Fact::value).ok_or_else(missing)
            }
        }
    }

    fn steal<'v>(self: Box<Self>, key: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.get(key).map(CowVal::into_owned)
    }
}

/// A map from text to text, or to numbers written as texts.
#[derive(Debug, Clone)]
struct Map<'a> {
    entries: &'a BTreeMap<String, String>,
    /// Keys as values, which iteration hands out by reference.
    keys: Vec<CelString<'a>>,
    numbers: bool,
}

impl<'a> Map<'a> {
    fn new(entries: &'a BTreeMap<String, String>, numbers: bool) -> Map<'a> {
        let keys = entries.keys().map(|key| CelString::from(key.as_str())).collect();
        Map { entries, keys, numbers }
    }
}

impl Val for Map<'_> {
    fn get_type(&self) -> &Type {
        &MAP_TYPE
    }

    fn cel_type() -> &'static Type {
        &MAP_TYPE
    }

    fn as_container(&self) -> Option<&dyn Container> {
        Some(self)
    }

    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn as_iterable<'b, 'v>(&'b self) -> Option<&'b (dyn Iterable + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn as_sizer(&self) -> Option<&dyn Sizer> {
        Some(self)
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
    where
        Self: 'v,
    {
        Box::new(self.clone())
    }
}

impl Container for Map<'_> {
    fn contains(&self, key: &dyn Val) -> Result<bool, ExecutionError> {
        Ok(self.entries.contains_key(text(key)?))
    }
}

impl Indexer for Map<'_> {
    fn get<'b, 'v>(&'b self, key: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let key = text(key)?;
        let value = self.entries.get(key).ok_or_else(|| ExecutionError::no_such_key(key))?;
        if self.numbers {
            let number: f64 = value
                .parse()
                .map_err(|_| ExecutionError::function_error("values", format!("{value:?} is no number")))?;
            return Ok(CowVal::owned(CelDouble::from(number)));
        }
        Ok(CowVal::owned(CelString::from(value.as_str())))
    }

    fn steal<'v>(self: Box<Self>, key: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        // The copies borrow the map's entries, not this box, so they may outlive it.
        let key = text(key)?;
        let value: &str = self.entries.get(key).ok_or_else(|| ExecutionError::no_such_key(key))?;
        if self.numbers {
            let number: f64 = value
                .parse()
                .map_err(|_| ExecutionError::function_error("values", format!("{value:?} is no number")))?;
            return Ok(Box::new(CelDouble::from(number)));
        }
        Ok(Box::new(CelString::from(value)))
    }
}

impl Iterable for Map<'_> {
    fn iter<'b, 'v>(&'b self) -> Box<dyn CelIterator<'b, 'v> + 'b>
    where
        Self: 'v,
    {
        Box::new(Keys(self.keys.iter()))
    }
}

pub(super) struct Keys<'b, 'a>(pub(super) std::slice::Iter<'b, CelString<'a>>);

impl<'b, 'a: 'v, 'v> CelIterator<'b, 'v> for Keys<'b, 'a> {
    fn next(&mut self) -> Option<&'b (dyn Val + 'v)> {
        self.0.next().map(|key| key as &(dyn Val + 'v))
    }
}

impl Sizer for Map<'_> {
    fn size(&self) -> CelInt {
        CelInt::from(i64::try_from(self.entries.len()).unwrap_or(i64::MAX))
    }
}

/// A compiled pattern: "contains" the texts that it matches.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pattern<'a>(pub(super) &'a Regex);

impl Val for Pattern<'_> {
    fn get_type(&self) -> &Type {
        &DYN_TYPE
    }

    fn cel_type() -> &'static Type {
        &DYN_TYPE
    }

    fn as_container(&self) -> Option<&dyn Container> {
        Some(self)
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
    where
        Self: 'v,
    {
        Box::new(*self)
    }
}

impl Container for Pattern<'_> {
    fn contains(&self, value: &dyn Val) -> Result<bool, ExecutionError> {
        Ok(self.0.is_match(text(value)?))
    }
}
