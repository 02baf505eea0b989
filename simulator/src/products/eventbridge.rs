use crate::product::{self, Product};
pub(crate) static PRODUCT: Product = Product { name: "eventbridge", service: "eventbridge", version: "", serves: |h| product::named_host(&["eventbridge"], h), identify: product::identify, refuse: product::refuse, key_policies: true, global: true, apis: &[] };
