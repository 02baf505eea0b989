//! Every published sample, and input that means harm.

use serde_json::{Value, json};

use super::*;

macro_rules! sample {
    ($name:literal) => {
        include_bytes!(concat!("../../testdata/events/", $name, ".json")).as_slice()
    };
}

pub(super) fn one(body: &[u8]) -> Received {
    match parse(body) {
        Ok(Input::One(received)) => *received,
        other => panic!("not one event: {other:?}"),
    }
}

fn event(body: &[u8]) -> TrailEvent {
    one(body).event.expect("an ActionTrail event")
}

pub(super) fn parse_value(value: &Value) -> Result<Input, EventError> {
    parse(&serde_json::to_vec(value).unwrap())
}

fn message(body: &[u8]) -> String {
    parse(body).unwrap_err().to_string()
}

#[test]
fn every_sample_event_is_read() {
    // name, root, service, MFA, time, account, type
    for (body, name, root, service, mfa, time, account) in [
        (
            sample!("actiontrail_lookupevents_assumed_role"),
            "LookupEvents",
            false,
            "Actiontrail",
            Some(false),
            "2021-01-01T00:00:00Z",
            "159498693826****",
        ),
        (sample!("ecs_delete_disk_system"), "DeleteDisk", false, "Ecs", None, "2022-10-22T21:52:00Z", ""),
        (
            sample!("flink_append_vswitch_root_pascalcase"),
            "AppendVSwitchId",
            true,
            "RealtimeCompute",
            None,
            "2020-12-01T11:54:59.366Z",
            "1187xxxxxxxx4544",
        ),
        (
            sample!("ims_create_user_by_root_console"),
            "CreateUser",
            true,
            "Ims",
            Some(false),
            "2021-08-05T06:59:52Z",
            "163205818484****",
        ),
        (
            sample!("privatezone_add_zone_record_root"),
            "AddZoneRecord",
            true,
            "PrivateZone",
            Some(false),
            "2021-01-08T04:56:37Z",
            "12046******1685",
        ),
        (
            sample!("ram_create_group_by_user_key"),
            "CreateGroup",
            false,
            "Ram",
            None,
            "2016-01-04T08:58:50Z",
            "4****",
        ),
        (
            sample!("ram_delete_group_console"),
            "DeleteGroup",
            false,
            "Ram",
            Some(true),
            "2015-11-03T13:41:49Z",
            "123456789012****",
        ),
        (
            sample!("ram_user_console_signin_no_mfa"),
            "ConsoleSignin",
            false,
            "AasSub",
            Some(false),
            "2021-01-01T00:00:00Z",
            "159498693826****",
        ),
        (
            sample!("resourcemanager_create_resource_group_root"),
            "CreateResourceGroup",
            true,
            "ResourceManager",
            Some(false),
            "2019-03-08T07:00:04Z",
            "123456789012****",
        ),
        (
            sample!("root_console_signin_no_mfa"),
            "ConsoleSignin",
            true,
            "AasCustomer",
            Some(false),
            "2021-01-01T00:00:00Z",
            "151266687691****",
        ),
    ] {
        let event = event(body);
        assert_eq!(event.event_name.as_deref(), Some(name));
        assert_eq!(event.is_root(), root, "{name}");
        assert_eq!(event.service_name.as_deref(), Some(service), "{name}");
        assert_eq!(event.identity.mfa, mfa, "{name}");
        assert_eq!(event.event_time.map(|at| at.to_string()).as_deref(), Some(time), "{name}");
        assert_eq!(event.account().unwrap_or_default(), account, "{name}");
        assert_eq!(event.error_code, None, "{name}: an empty code is no error");
        assert!(event.event_id.is_some() && event.source_ip.is_some(), "{name}");
    }
}

#[test]
fn details_of_the_samples() {
    let received = one(sample!("ims_create_user_by_root_console"));
    assert_eq!(received.source, "ims-share.aliyuncs.com");
    assert_eq!(received.id, "80648075-F89C-555D-974B-78E436FE4331");
    assert_eq!(received.account.as_deref(), Some("163205818484****"));
    assert_eq!(received.region.as_deref(), Some("cn-shanghai"));
    let event = received.event.unwrap();
    assert_eq!(event.event_type.as_deref(), Some("ApiCall"));
    assert_eq!(event.identity.user_name.as_deref(), Some("root"));
    assert_eq!(event.request_parameters["UserPrincipalName"], "Alice@163205818484****.onaliyun.com");
    assert_eq!(event.response_elements["User"]["UserId"], "21284212814679*****");
    assert_eq!(event.resource_names("acs::ram::user"), ["Alice@163205818484****.onaliyun.com"]);
    assert!(event.resource_names("ACS::RAM::AccessKey").is_empty());

    let event = super::tests::event(sample!("flink_append_vswitch_root_pascalcase"));
    assert_eq!(event.identity.access_key_id.as_deref(), Some("TMP.3Ker6WKYHexxxxxxpRuQaM"));
    assert_eq!(event.request_parameters["ZoneId"], "cn-beijing-f");
    assert_eq!(event.event_time_text.as_deref(), Some("2020-12-01T11:54:59.366+0000"));

    // A sample cut short: neither name nor time, still an event with an id.
    let received = one(sample!("actiontrail_update_trail_root_console"));
    assert_eq!(received.id, "A5A4BB74-EFBC-5D8B-BD8A-1B9131429438");
    let event = received.event.unwrap();
    assert!(!event.is_root() && event.event_time.is_none() && event.event_name.is_none());
    assert_eq!(event.resource_names("ACS::ActionTrail::Trail"), ["alicetest"]);

    assert_eq!(one(sample!("ecs_delete_disk_system")).source, "Ecs");
}

#[test]
fn events_that_are_not_of_actiontrail_keep_their_type() {
    for (body, source, id, kind, account) in [
        (
            sample!("eventbridge_envelope_doc_sample"),
            "acs:aliyuncvc",
            "45ef4dewdwe1-7c35-447a-bd93-fab****",
            "aliyuncvc:MeetingEvent:MemberOperate",
            "123456789098****",
        ),
        (
            sample!("eventbridge_fc_mns_single_object"),
            "MNS-Function-mnstrigger",
            "c2g71017-6f65-fhcf-a814-a396fc8d****",
            "mns:Queue:SendMessage",
            "1649015465xxxxxx",
        ),
        (
            sample!("eventbridge-mns-queue.go-sdk"),
            "MNS-Function-mnstrigger",
            "c2g71017-6f65-fhcf-a814-a396fc8d****",
            "mns:Queue:SendMessage",
            "1649015465574023",
        ),
        (
            sample!("eventbridge-rocketmq.go-sdk"),
            "RocketMQ-Function-rocketmq-trigger",
            "94ebc15f-f0db-4bbe-acce-56fb72fb****",
            "mq:Topic:SendMessage",
            "164901546557****",
        ),
        (
            sample!("eventbridge-default-oss.COMPOSED"),
            "acs.oss",
            "45ef4dewdwe1-7c35-447a-bd93-fab****",
            "oss:ObjectCreated:PutObject",
            "123456789098****",
        ),
    ] {
        let received = one(body);
        assert_eq!((received.source.as_str(), received.id.as_str()), (source, id));
        assert_eq!((received.kind(), received.account.as_deref()), (kind, Some(account)));
        assert_eq!(received.event, None);
    }
}

#[test]
fn the_streaming_sample_is_an_array_of_strings() {
    let Ok(Input::Batch(events)) = parse(sample!("eventbridge-streaming-kafka-batch.go-sdk")) else {
        panic!("not a batch")
    };
    let [Ok(received)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(received.source, "acs:alikafka");
    assert_eq!(received.kind(), "alikafka:Topic:Message");
}

#[test]
fn timers_are_read() {
    let Ok(Input::Timer(timer)) = parse(sample!("timer")) else { panic!("not a timer") };
    assert_eq!(timer.trigger_time.unwrap().to_string(), "2023-12-26T07:49:00Z");
    assert_eq!((timer.trigger_name.as_str(), timer.payload.as_str()), ("timer-trigger", "awesome-fc"));
    let Ok(Input::Timer(timer)) = parse(sample!("timer.go-sdk")) else { panic!("not a timer") };
    assert_eq!(timer.payload, "TestPayload");
    let odd = json!({ "triggerName": 7, "triggerTime": "soon", "payload": { "a": 1 } });
    let Ok(Input::Timer(timer)) = parse_value(&odd) else { panic!("not a timer") };
    assert_eq!(timer.trigger_time, None);
    assert_eq!((timer.trigger_name.as_str(), timer.payload.as_str()), ("7", "{\"a\":1}"));
}

#[test]
fn payloads_of_other_triggers_are_refused_with_what_is_accepted() {
    for body in [
        sample!("oss.go-sdk"),
        sample!("oss.fc3-template"),
        sample!("sls.go-sdk"),
        sample!("sls.fc3-template"),
        sample!("mns-topic.go-sdk"),
        sample!("mns-stream"),
        sample!("mns-with-MessageAttributes"),
        sample!("mns-without-MessageAttributes"),
        sample!("tablestore.fc3-template"),
        b"{}",
        b"null",
        b"7",
        b"true",
        b"",
        b" \n\xef\xbb\xbf ",
        b"\"\"",
    ] {
        let why = message(body);
        assert!(why.contains("timer payload") && why.contains("CloudEvent"), "{why}");
    }
}

#[test]
fn bad_json_is_named_by_its_place_and_never_quoted() {
    assert!(
        message(b"{\"a\": hunter2}")
            .starts_with("the body is not JSON: expected value at line 1 column 7 (byte 6 of 14)")
    );
    assert!(message(b"{\n  \"a\": 1,\n  hunter2\n}").contains("line 3 column 3 (byte 14 of"));
    assert!(message(b"\"{\\\"password\\\": hunter2}\"").starts_with("a string that does not hold JSON"));
    for body in [
        b"hunter2".as_slice(),
        b"{\"hunter2\": [}",
        b"\"hunter2\"",
        b"{\"hunter2\": 1}",
        b"[\"hunter2\"]",
        b"\xffhunter2",
    ] {
        let shown = format!("{:?}", parse(body));
        assert!(!shown.contains("hunter2"), "{shown}");
    }
    let claims =
        json!({ "specversion": "1.0", "type": "ram:ActionTrail:ApiCall", "id": "1", "source": "acs.ram" });
    assert!(parse_value(&claims).unwrap_err().to_string().contains("data is absent"));
    for (data, why) in [
        (json!("hunter2"), "does not hold JSON"),
        (json!([1]), "data is an array"),
        (json!(3), "data is a number"),
    ] {
        let mut event = claims.clone();
        event["data"] = data;
        let error = parse_value(&event).unwrap_err().to_string();
        assert!(error.contains(why) && !error.contains("hunter2"), "{error}");
    }
}

#[test]
fn one_bad_element_does_not_lose_the_others() {
    let good: Value = serde_json::from_slice(sample!("ims_create_user_by_root_console")).unwrap();
    let timer: Value = serde_json::from_slice(sample!("timer")).unwrap();
    let body = json!([good, "not json", 3, good.to_string(), timer, [good]]);
    let Ok(Input::Batch(events)) = parse_value(&body) else { panic!("not a batch") };
    let good: Vec<bool> = events.iter().map(Result::is_ok).collect();
    assert_eq!(good, [true, false, false, true, false, false]);
    assert_eq!(events[0], events[3]);
    let error = events[1].as_ref().unwrap_err();
    assert_eq!(error.index(), Some(1));
    assert!(
        error.to_string().starts_with("element 2 of 6 (index 1): a string that does not hold JSON"),
        "{error}"
    );
    assert_eq!(parse(b"[]"), Ok(Input::Batch(Vec::new())));
}

#[test]
fn harmful_bodies_are_refused_or_read_but_never_fatal() {
    let deep = "[".repeat(1 << 20);
    assert!(message(deep.as_bytes()).contains("recursion limit"));
    let mut wrapped = "{}".to_owned();
    for _ in 0..8 {
        wrapped = Value::String(wrapped).to_string();
    }
    assert!(message(wrapped.as_bytes()).contains("wrapped in strings"));
    let many = format!("[{}0]", "0,".repeat(MAX_BATCH));
    assert!(message(many.as_bytes()).contains("at most 10000"));
    let large = json!({ "eventId": "1", "eventName": "x".repeat(32 << 20) });
    let large = event(&serde_json::to_vec(&large).unwrap());
    assert_eq!(large.event_name.unwrap().len(), 32 << 20);
}

#[test]
fn types_and_names_may_vary() {
    let event = event(
        json!({
            "EventId": 12, "eventVersion": "1", "eventName": " CreateAccessKey ", "serviceName": "IMS", "eventTime": 1590592527490_i64,
            "userIdentity": "{\"type\": \"Root-Account\", \"principalId\": 12, \"accountId\": \"12\"}",
            "additionalEventData": "{\"isMFAChecked\": true}",
            "requestParameters": "", "requestParameterJson": "{\"UserName\": \"x\"}",
            "responseElements": "{\"AccessKey\": {\"AccessKeyId\": \"LTAI1\", \"AccessKeySecret\": \"s3cret\"}}",
            "referencedResources": { "ACS::RAM::AccessKey": "[\"LTAI1\"]", "ACS::RAM::User": "u", "odd": { "a": 1 } },
            "resourceType": "ACS::RAM::AccessKey", "resourceName": "LTAI1",
            "errorCode": null, "sourceIpAddress": ["odd"], "recipientAccountId": 34,
        })
        .to_string()
        .as_bytes(),
    );
    assert_eq!(event.event_id.as_deref(), Some("12"));
    assert_eq!(event.event_name.as_deref(), Some("CreateAccessKey"));
    assert!(event.is_root() && event.event_time.is_some());
    assert_eq!(event.identity.mfa, Some(true));
    assert_eq!(event.request_parameters["UserName"], "x");
    assert_eq!(
        event.response_elements["AccessKey"],
        json!({ "AccessKeyId": "LTAI1", "AccessKeySecret": "***" })
    );
    assert_eq!(event.resource_names("ACS::RAM::AccessKey"), ["LTAI1"]);
    assert_eq!(event.resource_names("ACS::RAM::User"), ["u"]);
    assert_eq!((event.error_code.as_deref(), event.source_ip.as_deref()), (None, None));
    assert_eq!((event.account().as_deref(), event.recipient_account_id.as_deref()), (Some("12"), Some("34")));
    assert!(!format!("{event:?}").contains("s3cret"));
}

#[test]
fn root_is_told_by_type_else_by_principal() {
    for (identity, root) in [
        (json!({ "type": "root-account" }), true),
        (json!({ "type": "ROOT-ACCOUNT" }), true),
        (json!({ "principalId": "1", "accountId": "1" }), true),
        (json!({ "type": "", "principalId": "1", "accountId": 1 }), true),
        (json!({ "type": "ram-user", "principalId": "1", "accountId": "1" }), false),
        (json!({ "principalId": "2", "accountId": "1" }), false),
        (json!({}), false),
        (json!("odd"), false),
    ] {
        let event = TrailEvent::from_value(&json!({ "userIdentity": identity })).unwrap();
        assert_eq!(event.is_root(), root, "{identity}");
    }
}

#[test]
fn an_event_without_any_id_is_known_by_its_content() {
    let event = |at: &str| json!({ "specversion": "1.0", "type": "a:b:c", "data": { "x": 1 }, "aliyunpublishtime": at });
    let (first, again) = (one(event("1").to_string().as_bytes()), one(event("2").to_string().as_bytes()));
    assert!(first.id.starts_with("sha256-") && first.id == again.id);
    let bare = TrailEvent::from_value(&json!({ "eventName": "x" })).unwrap();
    assert!(Received::from_trail(bare).id.starts_with("sha256-"));
}
