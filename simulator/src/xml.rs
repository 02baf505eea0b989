//! JSON values as XML, as the OpenAPI gateway and OSS write them: a list is its element, repeated.

use quick_xml::escape::escape;
use serde_json::Value;

/// A document with one root element.
pub(crate) fn document(root: &str, value: &Value) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    element(&mut text, root, value);
    text
}

fn element(text: &mut String, name: &str, value: &Value) {
    if let Value::Array(items) = value {
        items.iter().for_each(|item| element(text, name, item));
        return;
    }
    *text += &format!("<{name}>");
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| element(text, name, value)),
        Value::String(content) => *text += &escape(content.as_str()),
        Value::Null => {}
        other => *text += &other.to_string(),
    }
    *text += &format!("</{name}>");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn lists_repeat_and_text_is_escaped() {
        let value = json!({"Contents": [{"Key": "a<b&c"}, {"Key": "d"}], "IsTruncated": false, "None": []});
        assert_eq!(
            super::document("R", &value),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<R><Contents><Key>a&lt;b&amp;c</Key></Contents>\
             <Contents><Key>d</Key></Contents><IsTruncated>false</IsTruncated></R>"
        );
    }
}
