//! A JSON document as values of the expression language: objects are borrowed and walked in key order, lists are copied
//! when they are looked at. It bounds nothing; how large a document may be is decided by whoever reads it.

use cel::ExecutionError;
use cel::common::traits::{Container, Indexer, Iterable, Iterator as CelIterator, Sizer};
use cel::common::types::{CelBool, CelDouble, CelInt, CelList, CelNull, CelString, CelUInt, MAP_TYPE, Type};
use cel::common::value::{CowVal, Val};
use serde_json::Value as Json;

use super::value::{Keys, text};

/// A JSON value as the language sees it.
pub(super) fn value(json: &Json) -> Box<dyn Val + '_> {
    match json {
        Json::Null => Box::new(CelNull),
        Json::Bool(yes) => Box::new(CelBool::from(*yes)),
        Json::String(text) => Box::new(CelString::from(text.as_str())),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => Box::new(CelInt::from(number)),
            (None, Some(number)) => Box::new(CelUInt::from(number)),
            // Only shown and compared by formulas: no rule of ours counts with it.
            (None, None) => Box::new(CelDouble::from(number.as_f64().unwrap_or_default())),
        },
        Json::Array(entries) => Box::new(CelList::from(entries.iter().map(value).collect::<Vec<_>>())),
        Json::Object(entries) => {
            let keys = entries.keys().map(|key| CelString::from(key.as_str())).collect();
            Box::new(Object { entries, keys })
        }
    }
}

#[derive(Debug, Clone)]
struct Object<'a> {
    entries: &'a serde_json::Map<String, Json>,
    /// Keys as values, which iteration hands out by reference.
    keys: Vec<CelString<'a>>,
}

impl<'a> Object<'a> {
    fn entry(&self, key: &dyn Val) -> Result<Box<dyn Val + 'a>, ExecutionError> {
        let key = text(key)?;
        self.entries.get(key).map(value).ok_or_else(|| ExecutionError::no_such_key(key))
    }
}

impl Val for Object<'_> {
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

impl Container for Object<'_> {
    fn contains(&self, key: &dyn Val) -> Result<bool, ExecutionError> {
        Ok(self.entries.contains_key(text(key)?))
    }
}

impl Indexer for Object<'_> {
    fn get<'b, 'v>(&'b self, key: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.entry(key).map(CowVal::Owned)
    }

    fn steal<'v>(self: Box<Self>, key: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.entry(key)
    }
}

impl Iterable for Object<'_> {
    fn iter<'b, 'v>(&'b self) -> Box<dyn CelIterator<'b, 'v> + 'b>
    where
        Self: 'v,
    {
        Box::new(Keys(self.keys.iter()))
    }
}

impl Sizer for Object<'_> {
    fn size(&self) -> CelInt {
        CelInt::from(i64::try_from(self.entries.len()).unwrap_or(i64::MAX))
    }
}
