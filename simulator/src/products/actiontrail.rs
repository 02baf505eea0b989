use crate::product::{self, Product};
pub(crate) static PRODUCT: Product = Product { name: "actiontrail", service: "actiontrail", version: "", serves: |h| product::named_host(&["actiontrail"], h), identify: product::identify, refuse: product::refuse, key_policies: true, global: true, apis: &[] };
