use proptest::prelude::*;

use super::*;

fn looks(text: &str) -> Vec<String> {
    in_text(text).into_iter().map(|hit| hit.looks_like).collect()
}

fn of(name: &str, value: &str) -> Vec<String> {
    in_pairs([(name, value)]).into_iter().map(|hit| hit.looks_like).collect()
}

const ID: &str = "LTAI5tQ3mZpT8vKx2LbNcY7d";
const SECRET: &str = "h7Kd03bQxTz9LmWcVn5RfYp2JsAe8u";

#[test]
fn key_ids_are_told_whole_and_temporary_ones_not_at_all() {
    let hits = in_text(&format!("#!/bin/sh\nexport ALIBABA_CLOUD_ACCESS_KEY_ID={ID}\n"));
    assert_eq!(hits.len(), 1);
    assert_eq!((hits[0].place.as_str(), hits[0].looks_like.as_str()), ("line 2", "access-key-id"));
    assert_eq!((hits[0].masked.as_str(), hits[0].key_id.as_deref()), (ID, Some(ID)));
    assert_eq!(looks("LTAI4Fabcd12efgh in the old form"), ["access-key-id"]);
    for none in [
        "STS.NUxLtaiQ3mZpT8vKx2LbNc",
        "LTAI",
        "LTAI****************",
        "LTAIxxxxxxxxxxxxxxxxxxxx",
        "LTAIyourAccessKeyId",
        "fooLTAI5tQ3mZpT8vKx2LbNcY7d",
        "LTAI5tQ3mZpT8vKx2LbNcY7dMuchTooLongToBeOne",
        "ltai5tq3mzpt8vkx2lbncy7d",
    ] {
        assert_eq!(looks(none), [""; 0], "{none}");
    }
}

#[test]
fn a_secret_is_known_by_its_name_or_by_the_key_id_beside_it() {
    assert_eq!(of("ALIBABA_CLOUD_ACCESS_KEY_SECRET", SECRET), ["access-key-secret"]);
    assert_eq!(of("accessKeySecret", SECRET), ["access-key-secret"]);
    assert_eq!(of("BUILD", SECRET), [""; 0], "thirty characters alone may be anything");
    assert_eq!(
        looks(&format!("aliyun configure set --ak {ID} --sk {SECRET}")),
        ["access-key-id", "access-key-secret"]
    );
    let hits = in_pairs([("AK", ID), ("SK", SECRET), ("OTHER", "x")]);
    assert_eq!(hits.iter().map(|hit| hit.place.as_str()).collect::<Vec<_>>(), ["AK", "SK"]);
    assert_eq!(hits[1].masked, "h7Kd…");
}

#[test]
fn tokens_have_marks() {
    for token in [
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "github_pat_11ABCDEFG0aBcDeFgHiJkL_mNoPqRsTuVwXyZ0123456789abcdefghijkl",
        "glpat-xA3bC9dE2fG5hJ8kL1mN",
        "xoxb-123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx",
        "sk-proj-Ab12Cd34Ef56Gh78Ij90Kl12Mn34Op56Qr78St90",
        "sk-0123456789abcdef0123456789abcdef",
        "SEC0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
        "https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "https://open.feishu.cn/open-apis/bot/v2/hook/0a1b2c3d-4e5f-6789-abcd-ef0123456789",
        "https://hooks.slack.com/services/T01234567/B01234567/AbCdEfGhIjKlMnOpQrStUvWx",
    ] {
        assert_eq!(looks(&format!("curl -d {token} x")), ["token"], "{token}");
        assert_eq!(of("ANYTHING", token), ["token"], "{token}");
    }
    for none in [
        "risk-assessment-0123456789abcdef0123456789ab",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "sk-your-key-here",
        // Not signed; and no header.
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxMjM0NTY3ODkwIn0.",
        "eyJzdWIiOiIxMjM0NTY3ODkwIn0",
        "https://oapi.dingtalk.com/robot/send?access_token=${TOKEN}",
    ] {
        assert_eq!(looks(none), [""; 0], "{none}");
    }
}

#[test]
fn private_keys_and_what_only_looks_like_one() {
    let body = "MIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn/ygWyF8PbnGy0AHB7MaXTbmFTkPQX0k3D";
    let pem = |label: &str| format!("x\n-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
    for label in ["RSA PRIVATE KEY", "PRIVATE KEY", "OPENSSH PRIVATE KEY", "EC PRIVATE KEY"] {
        let hits = in_text(&pem(label));
        assert_eq!(hits.len(), 1, "{label}");
        assert_eq!((hits[0].looks_like.as_str(), hits[0].place.as_str()), ("private-key", "line 2"));
    }
    assert_eq!(of("KEY", &pem("PRIVATE KEY").replace('\n', "\\n")), ["private-key"]);
    for label in ["CERTIFICATE", "PUBLIC KEY", "ENCRYPTED PRIVATE KEY"] {
        assert_eq!(looks(&pem(label)), [""; 0], "{label}");
    }
    assert_eq!(looks("-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----"), [""; 0]);
}

#[test]
fn passwords_are_known_by_their_names() {
    for (name, value) in [
        ("DB_PASSWORD", "hunter2!"),
        ("dbPassword", "S3cr3t pass"),
        ("MYSQL_ROOT_PWD", "12345678"),
        ("REDIS_PASS", "a:b@c"),
        ("SPRING.DATASOURCE.PASSWORD", "Xy9#"),
        ("PASSWORD_2", "hunter2"),
        ("mysqlpassword", "hunter2"),
    ] {
        assert_eq!(of(name, value), ["password"], "{name}");
    }
    for (name, value) in [
        ("DB_PASSWORD", ""),
        ("DB_PASSWORD", "${DB_PASSWORD}"),
        ("DB_PASSWORD", "$DB_PASSWORD"),
        ("DB_PASSWORD", "changeme"),
        ("DB_PASSWORD", "<your password>"),
        ("DB_PASSWORD", "{{ secrets.db }}"),
        ("DB_PASSWORD", "********"),
        ("DB_PASSWORD", "kms:alias/db"),
        ("DB_PASSWORD", "acs:kms:cn-hangzhou:1:secret/db"),
        ("DB_PASSWORD", "xxxxxxxx"),
        ("DB_PASSWORD_FILE", "hunter2!"),
        ("PASSWORD_MIN_LENGTH", "8888a"),
        ("PASSWORD_HASH", "5f4dcc3b5aa765d61d8327deb882cf99"),
        ("BYPASS", "hunter2!"),
        ("DB_PASSWORD_SECRET", "prod-db-7"),
        ("PASSWORD_PAGE", "https://sso.example.com/reset"),
        ("FORGOT_PASSWORD", "https://sso.example.com/reset"),
        ("DB_PASSWORD", "!vault db/root"),
        ("COMPASS_URL", "hunter2!"),
    ] {
        assert_eq!(of(name, value), [""; 0], "{name}={value}");
    }
}

#[test]
fn other_secrets_must_look_drawn() {
    assert_eq!(of("API_KEY", "9f8e7d6c5b4a39281706f5e4d3c2b1a0"), ["token"]);
    assert_eq!(of("clientSecret", "k3Jq8-Lm2_Zx9Vb4Nc7"), ["token"]);
    for (name, value) in [
        ("CLIENT_SECRET", "production"),
        ("NEXT_TOKEN", "AAAAAXXX0123456789abcdefgh"),
        ("SECRET_NAME", "prod-database-secret-01"),
        ("KMS_SECRET", "prod/db/password-2024/v2"),
        ("TOKEN_ENDPOINT", "https://sso.example.com/token/v1"),
        ("API_KEY", "0a1b2c3d-4e5f-6789-abcd-ef0123456789"),
        ("COMMIT_SHA", "9f8e7d6c5b4a39281706f5e4d3c2b1a0deadbeef"),
        ("IMAGE", "registry/app@sha256:9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a39281706f5e4d3c2b1a0"),
        ("REQUEST_ID", "0a1b2c3d-4e5f-6789-abcd-ef0123456789"),
        ("INSTANCE", "i-bp67acfmxazb4ph1a2b3"),
    ] {
        assert_eq!(of(name, value), [""; 0], "{name}={value}");
    }
}

#[test]
fn connection_strings() {
    for text in [
        "postgres://app:s3cret@db.example.com:5432/app",
        "DATABASE_URL=mysql://root:p@ss%2Fword1@10.0.0.1/x",
        "amqps://u:Xy9Zk2@mq",
        "redis://:onlyPass1@r-1.redis.example.com:6379",
    ] {
        assert_eq!(looks(text), ["connection-string"], "{text}");
    }
    for none in [
        "http://example.com:8080/a@b",
        "https://example.com/a:b@c",
        "postgres://app:${DB_PASSWORD}@db/app",
        "postgres://app@db/app",
        "postgres://app:<password>@db/app",
        "postgres://user:password@localhost/db",
        "git@github.com:org/repo.git",
        "http://10.0.0.1:80",
    ] {
        assert_eq!(looks(none), [""; 0], "{none}");
    }
}

#[test]
fn assignments_in_scripts_and_configurations() {
    for text in [
        "export DB_PASSWORD=hunter2",
        "  password: hunter2",
        "{\"password\": \"hunter2 and more\", \"x\": 1}",
        "password='hunter2'",
        "mysql --password=hunter2 -uroot",
        "jdbc:mysql://db/x?user=a&password=hunter2&ssl=1",
        "echo 'root:hunter2' | chpasswd",
        "ENV={\\\"password\\\": \\\"hunter2\\\"}",
    ] {
        assert_eq!(looks(text), ["password"], "{text}");
    }
    for none in [
        "if [ \"$PASSWORD\" == \"hunter2\" ]",
        "password = getpass.getpass()",
        "password = config.password",
        "password=$1",
        "Please choose a password: it must be long",
        "PASSWORD=`cat /etc/pw`",
        "# set password here",
        "PasswordAuthentication: no",
        "passwd: compat",
        "passwd:     files sss",
        "lock_passwd: false",
        "echo \"root:$PW\" | chpasswd",
    ] {
        assert_eq!(looks(none), [""; 0], "{none}");
    }
}

#[test]
fn user_data_is_decoded_first() {
    use base64::engine::general_purpose::STANDARD;
    let data = |bytes: &[u8]| in_user_data(&STANDARD.encode(bytes));
    assert_eq!(data(b"#!/bin/sh\nPASSWORD=hunter2").unwrap()[0].place, "line 2");
    assert_eq!(data(&[0x1f, 0x8b, 8, 0]), Err(Unreadable::Gzip));
    assert_eq!(in_user_data(""), Ok(Vec::new()));
    assert_eq!(in_user_data("PASSWORD=hunter2!").unwrap().len(), 1, "not Base64: as it is");
    let utf16: Vec<u8> = "PASSWORD=hunter2".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(data(&utf16).unwrap().len(), 1);
}

/// Where a secret may stand.
fn around() -> impl Strategy<Value = (String, String)> {
    let before = prop::sample::select(vec![
        "",
        "PASSWORD=",
        "password: \"",
        "secret=",
        "x",
        "postgres://u:",
        "Bearer ",
        "ghp_",
        "sk-",
        "SEC",
        "eyJhbGciOiJIUzI1NiJ9.eyJ9.",
        "LTAI5tQ3mZpT8vKx2LbNcY7d ",
        "-----BEGIN PRIVATE KEY-----\n",
        "echo root:",
        "https://hooks.slack.com/services/",
        "API_KEY=",
    ]);
    let after = prop::sample::select(vec![
        "",
        "\"",
        "@host/x",
        " | chpasswd",
        "\n-----END PRIVATE KEY-----",
        ";",
        "é",
    ]);
    (any::<String>(), before, after, any::<String>())
        .prop_map(|(noise, before, after, more)| (format!("{noise}\n{before}"), format!("{after}\n{more}")))
}

proptest! {
    /// Whatever stands around it and whatever it is called: nothing that comes out holds more than four characters of it in a row.
    #[test]
    fn no_hit_gives_the_secret_away(
        (before, after) in around(),
        secret in "[a-z0-9][a-zA-Z0-9!#%+/_-]{5,60}",
        name in "[A-Z_]{0,12}(PASSWORD|SECRET|TOKEN|KEY)?",
    ) {
        prop_assume!(!secret.contains("LTAI"));
        let text = format!("{before}{secret}{after}");
        let mut hits = in_text(&text);
        hits.extend(in_pairs([(name.as_str(), text.as_str()), (name.as_str(), secret.as_str()), ("AK", ID)]));
        hits.extend(in_user_data(&text).unwrap_or_default());
        let secret: Vec<char> = secret.chars().collect();
        let pieces: Vec<String> = secret.windows(5).map(|piece| piece.iter().collect()).collect();
        for hit in hits.iter().filter(|hit| hit.key_id.is_none()) {
            for piece in &pieces {
                prop_assert!(!hit.masked.contains(piece.as_str()), "{hit:?}");
            }
        }
        for id in hits.iter().filter_map(|hit| hit.key_id.as_deref()) {
            prop_assert!(id.starts_with("LTAI") && text.contains(id) || id == ID);
        }
    }

    /// A secret under a name that says so is found, and shown by less than it is.
    #[test]
    fn what_is_planted_is_found(secret in "[a-z]{3}[A-Z]{3}[0-9]{3}[a-zA-Z0-9]{7,40}") {
        prop_assume!(super::value::is_real(&secret));
        let hits = in_pairs([("DB_PASSWORD", secret.as_str())]);
        prop_assert_eq!(hits.len(), 1);
        let script = format!("export DB_PASSWORD={secret}\n");
        prop_assert_eq!(in_text(&script).len(), 1);
        prop_assert!(!hits[0].masked.contains(&secret[..5]));
    }

    /// Whatever text: it does not panic, and the places are lines of it.
    #[test]
    fn any_text_is_looked_through(text in "(?s).{0,400}", base in "[A-Za-z0-9+/=:@ \n\"'-]{0,200}") {
        let lines = text.matches('\n').count() + 1;
        for hit in in_text(&text) {
            let line: usize = hit.place.trim_start_matches("line ").parse().unwrap();
            prop_assert!((1..=lines).contains(&line));
        }
        in_text(&base);
        let _ = in_user_data(&base);
    }
}
