//! RPC 1.0 with HMAC-SHA1, called "signature method V2" in the documents: everything in query or form.

use super::{Claim, Key, incomplete, iso_time};
use crate::error::ApiError;
use crate::request::{Request, encode};
use jiff::SignedDuration;

pub(super) fn read(request: &Request) -> Result<Claim, ApiError> {
    let field = |name: &str| {
        request.field(name).map(String::from).ok_or_else(|| incomplete(&format!("{name} is missing")))
    };
    if field("SignatureMethod")? != "HMAC-SHA1" || field("SignatureVersion")? != "1.0" {
        return Err(incomplete("only HMAC-SHA1 of version 1.0 is known"));
    }
    Ok(Claim {
        scheme: "rpc1",
        key_id: field("AccessKeyId")?,
        token: request.field("SecurityToken").map(Into::into),
        time: iso_time(&field("Timestamp")?)?,
        window: SignedDuration::from_mins(31),
        nonce: Some(field("SignatureNonce")?),
        string_to_sign: string_to_sign(request),
        signature: field("Signature")?,
        key: Key::Rpc1,
    })
}

fn string_to_sign(request: &Request) -> String {
    let mut fields: Vec<_> = request.fields().filter(|(key, _)| key != "Signature").collect();
    fields.sort();
    let fields: Vec<String> = fields.iter().map(|(k, v)| format!("{}={}", encode(k), encode(v))).collect();
    format!("{}&%2F&{}", request.method, encode(&fields.join("&")))
}
