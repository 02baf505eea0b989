use crate::product::{self, Product};
use crate::request::Request;
pub(crate) static PRODUCT: Product = Product { name: "oss", service: "Oss", version: "", serves: |h| product::named_host(&["oss"], h), identify: product::identify, refuse: product::refuse, key_policies: true, global: false, apis: &[] };
pub(crate) struct Place { pub(crate) bucket: Option<String>, pub(crate) key: String, pub(crate) region: Option<String> }
pub(crate) fn place(_: &Request) -> Place { Place { bucket: None, key: String::new(), region: None } }
