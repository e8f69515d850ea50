//! `expression -> printed result`.

use super::{expanded, findings, shown};
use proptest::prelude::*;

/// The id of the scope, `@` in the tables.
const GROUP: &str = "/subscriptions/${subscription().subscriptionId}/resourceGroups/${resourceGroup().name}";

/// The value of an expression, or the finding that it makes.
fn answer(expression: &str) -> String {
    let quoted = serde_json::to_string(&format!("[{expression}]")).unwrap();
    let expansion = expanded(&format!(
        r#"{{
        "parameters": {{
            "open": {{"type": "string"}},
            "openList": {{"type": "array"}},
            "openFlag": {{"type": "bool"}},
            "prefix": {{"type": "string", "defaultValue": "contoso"}},
            "cfg": {{"type": "object", "defaultValue": {{"Name": "n", "list": [1, 2, 3], "none": null}}}}
        }},
        "variables": {{"a": "[concat(parameters('prefix'), '-a')]", "list": ["x", "y"],
            "open": "[concat('apim-', uniqueString(resourceGroup().id))]"}},
        "functions": [{{"namespace": "my", "members": {{"join": {{
            "parameters": [{{"name": "left", "type": "string"}}, {{"name": "right", "type": "string"}}],
            "output": {{"type": "string", "value": "[concat(parameters('left'), '+', parameters('right'))]"}}}}}}}}],
        "resources": [{{"type": "A.B/c", "name": "n", "properties": {{"value": {quoted}}}}}]}}"#
    ));
    match findings(&expansion).first() {
        Some(finding) => format!("error {}", finding.split_once(' ').unwrap().1),
        None => shown(expansion.resources[0].body.at(&["properties", "value"]).unwrap()),
    }
}

fn check(table: &[(&str, &str)]) {
    for (expression, expected) in table {
        assert_eq!(answer(expression).replace(GROUP, "@"), *expected, "{expression}");
    }
}

#[test]
fn json_keeps_what_is_open_inside_its_strings() {
    check(&[
        ("json(concat('{\"id\": \"', resourceId('A.B/c', 'n'), '\"}')).id", "@/providers/A.B/c/n"),
        (
            "json(format('{{\"x\": [\"-{0}-{1}\", 7]}}', parameters('open'), variables('open'))).x[0]",
            "-${parameters('open')}-apim-${uniqueString(resourceGroup().id)}",
        ),
        ("json(format('{{\"x\": [\"{0}\", 7]}}', parameters('open'))).x[1]", "7"),
        ("json(concat('{\"a\": \"${no}', parameters('open'), '\"}')).a", "\\${no}${parameters('open')}"),
        // Outside the strings it may be any JSON, and in a key any name.
        ("json(parameters('open')).a", "?json(parameters('open')).a"),
        ("json(concat('{\"a\": ', parameters('open'), '}'))", "?json('{\"a\": ${parameters('open')}}')"),
        ("json(concat('{\"', parameters('open'), '\": 1}'))", "?json('{\"${parameters('open')}\": 1}')"),
        ("json(parameters('openList'))", "?json(parameters('openList'))"),
    ]);
}

#[test]
fn texts() {
    check(&[
        ("concat('a', 1, parameters('prefix'))", "a1contoso"),
        ("CONCAT('a', toLower('BÄ'))", "abä"),
        ("toUpper('b')", "B"),
        ("format('{0}-{1:D3}-{{{0}}}', 'x', 7)", "x-007-{x}"),
        ("format('{0,4}|{1,-3}|{2:00}', 'x', 'y', 5)", "   x|y  |05"),
        ("format('{0}', true())", "True"),
        ("replace('a.b.c', '.', '-')", "a-b-c"),
        ("split('a/b,c', createArray('/', ','))[2]", "c"),
        ("substring('hello', 1, 3)", "ell"),
        ("substring('hello', 3)", "lo"),
        ("padLeft(5, 3, '0')", "005"),
        ("trim('  a ')", "a"),
        ("string(createObject('a', createArray(1, 'b', null(), true())))", r#"{"a":[1,"b",null,true]}"#),
        ("base64('one, two')", "b25lLCB0d28="),
        ("base64ToString('b25lLCB0d28=')", "one, two"),
        ("base64ToJson('eyJhIjoxfQ==').a", "1"),
        ("uriComponent('a b/ö')", "a%20b%2F%C3%B6"),
        ("uriComponentToString('a%20b')", "a b"),
        ("uri('http://contoso.org/firstpath', 'myscript.sh')", "http://contoso.org/myscript.sh"),
        ("uri('http://contoso.org/firstpath/', 'myscript.sh')", "http://contoso.org/firstpath/myscript.sh"),
        ("startsWith('abcdef', 'AB')", "true()"),
        ("endsWith('abcdef', 'x')", "false()"),
        ("indexOf('tEst', 'T')", "0"),
        ("lastIndexOf('test', 't')", "3"),
        ("join(createArray('a', 'b'), '/')", "a/b"),
        ("'it''s'", "it's"),
        ("json('{\"a\": [1, 2]}').a[1]", "2"),
        ("json('null')", "null()"),
        ("my.join('a', 'b')", "a+b"),
        ("dataUriToString(dataUri('Hello'))", "Hello"),
    ]);
}

#[test]
fn collections() {
    check(&[
        ("createArray(1, 'a')", "createArray(1, 'a')"),
        ("length(parameters('cfg').list)", "3"),
        ("length('äö')", "2"),
        ("first(variables('list'))", "x"),
        ("last('abc')", "c"),
        ("first(createArray())", "null()"),
        ("take(variables('list'), 1)", "createArray('x')"),
        ("skip('abc', 1)", "bc"),
        ("range(2, 3)", "createArray(2, 3, 4)"),
        ("contains(variables('list'), 'y')", "true()"),
        ("contains(parameters('cfg'), 'NAME')", "true()"),
        ("contains('abc', 'B')", "false()"),
        ("empty('')", "true()"),
        ("empty(null())", "true()"),
        ("array('a')", "createArray('a')"),
        ("concat(createArray(1), createArray(2))", "createArray(1, 2)"),
        ("flatten(createArray(createArray(1), createArray(2, 3)))", "createArray(1, 2, 3)"),
        ("union(createArray(1, 2), createArray(2, 3))", "createArray(1, 2, 3)"),
        ("union(createObject('a', createObject('x', 1)), createObject('A', createObject('y', 2))).a.y", "2"),
        ("intersection(createArray(1, 2, 3), createArray(3, 2))", "createArray(2, 3)"),
        ("items(createObject('b', 1, 'a', 2))[0].key", "a"),
        ("objectKeys(createObject('b', 1, 'a', 2))", "createArray('a', 'b')"),
        ("shallowMerge(createArray(createObject('a', 1), createObject('a', 2))).a", "2"),
        ("tryGet(parameters('cfg'), 'list', 7)", "null()"),
        ("tryGet(parameters('cfg'), 'list', 0)", "1"),
        ("coalesce(null(), tryGet(parameters('cfg'), 'x'), 'd')", "d"),
        ("parameters('cfg').name", "n"),
        ("parameters('cfg')?.x", "null()"),
        ("indexFromEnd(variables('list'), 1)", "y"),
        ("map(range(0, 3), lambda('i', mul(lambdaVariables('i'), 2)))", "createArray(0, 2, 4)"),
        ("filter(range(0, 4), lambda('i', greater(lambdaVariables('i'), 1)))", "createArray(2, 3)"),
        (
            "reduce(range(1, 4), 0, lambda('sum', 'i', add(lambdaVariables('sum'), lambdaVariables('i'))))",
            "10",
        ),
        (
            "sort(createArray(3, 1, 2), lambda('a', 'b', less(lambdaVariables('a'), lambdaVariables('b'))))",
            "createArray(1, 2, 3)",
        ),
        ("toObject(variables('list'), lambda('k', lambdaVariables('k')), lambda('k', 1)).y", "1"),
        (
            "groupBy(createArray('a', 'b', 'aa'), lambda('x', first(lambdaVariables('x')))).a",
            "createArray('a', 'aa')",
        ),
        ("mapValues(createObject('a', 1), lambda('v', add(lambdaVariables('v'), 1))).a", "2"),
    ]);
}

#[test]
fn numbers_and_conditions() {
    check(&[
        ("add(1, mul(2, 3))", "7"),
        ("div(7, 2)", "3"),
        ("mod(7, 2)", "1"),
        ("sub(1, 2)", "-1"),
        ("min(createArray(3, 2))", "2"),
        ("max(3, 5)", "5"),
        ("int(' 12 ')", "12"),
        ("if(equals('a', 'a'), 'yes', fail('never taken'))", "yes"),
        ("and(true(), false(), fail('never reached'))", "false()"),
        ("or(false(), not(false()))", "true()"),
        ("equals('a', 'A')", "false()"),
        ("equals(createObject('a', createArray(1)), createObject('a', createArray(1)))", "true()"),
        ("less('a', 'b')", "true()"),
        ("greaterOrEquals(2, 2)", "true()"),
        ("bool('TRUE')", "true()"),
    ]);
}

#[test]
fn address_blocks() {
    check(&[
        ("cidrSubnet('10.144.0.0/20', 24, 4)", "10.144.4.0/24"),
        ("cidrSubnet('fdad:3236:5555::/48', 52, 1)", "fdad:3236:5555:1000::/52"),
        ("cidrHost('10.144.3.0/24', 0)", "10.144.3.1"),
        ("parseCidr('10.144.0.0/20').broadcast", "10.144.15.255"),
        ("parseCidr('10.144.0.0/20').firstUsable", "10.144.0.1"),
        ("cidrSubnet('10.0.0.0/24', 25, 2)", "error `cidrSubnet`: 10.0.0.0/24 has no block 2 of /25"),
        ("cidrHost('10.0.0.0/30', 2)", "error `cidrHost`: 10.0.0.0/30 has no host 2"),
    ]);
}

#[test]
fn what_deployment_settles_keeps_one_spelling() {
    check(&[
        ("variables('open')", "apim-${uniqueString(resourceGroup().id)}"),
        ("concat(parameters('open'), '-nsg')", "${parameters('open')}-nsg"),
        ("toLower(concat('A-', parameters('open')))", "${toLower('A-${parameters('open')}')}"),
        ("toLower(parameters('open'))", "${toLower(parameters('open'))}"),
        ("format('{0}/{1}', parameters('open'), parameters('prefix'))", "${parameters('open')}/contoso"),
        ("resourceGroup().location", "${resourceGroup().location}"),
        ("resourceGroup().tags.env", "?resourceGroup().tags.env"),
        ("concat('x', environment().suffixes.storage)", "x${environment().suffixes.storage}"),
        ("equals(parameters('open'), parameters('open'))", "true()"),
        ("equals(variables('open'), 'vpn')", "false()"),
        ("equals(parameters('open'), 'a')", "?equals(parameters('open'), 'a')"),
        ("if(parameters('openFlag'), 'a', 'a')", "a"),
        ("if(parameters('openFlag'), 'a', 'b')", "${if(parameters('openFlag'), 'a', 'b')}"),
        ("and(parameters('openFlag'), false())", "false()"),
        ("and(parameters('openFlag'), true())", "?parameters('openFlag')"),
        ("length(parameters('openList'))", "?length(parameters('openList'))"),
        ("parameters('openList')[0].id", "?parameters('openList')[0].id"),
        ("length(createArray(parameters('open')))", "1"),
        ("contains(createArray(parameters('open')), 'a')", "?contains(createArray(parameters('open')), 'a')"),
        ("empty(parameters('open'))", "?empty(parameters('open'))"),
        ("empty(variables('open'))", "false()"),
        ("take(uniqueString('a'), 5)", "${take(uniqueString('a'), 5)}"),
        ("listKeys(resourceId('A.B/c', 'x'), '1').keys[0]", "?listKeys('@/providers/A.B/c/x', '1').keys[0]"),
        ("newGuid()", "${newGuid(1)}"),
        ("map(parameters('openList'), lambda('x', 1))", "?map(parameters('openList'), lambda('x', 1))"),
        ("concat('a${b}', parameters('open'))", "a\\${b}${parameters('open')}"),
    ]);
}

#[test]
fn ids_are_spelled_as_azure_does() {
    check(&[
        ("resourceId('A.B/c', 'x')", "@/providers/A.B/c/x"),
        ("resourceid('A.B/c/d', 'x', parameters('open'))", "@/providers/A.B/c/x/d/${parameters('open')}"),
        ("concat(resourceGroup().id, '/providers/A.B/c/', 'x')", "@/providers/A.B/c/x"),
        ("concat(resourceId('A.B/c', 'x'), '/d/', 'y')", "@/providers/A.B/c/x/d/y"),
        (
            "resourceId('rg', 'A.B/c', 'x')",
            "/subscriptions/${subscription().subscriptionId}/resourceGroups/rg/providers/A.B/c/x",
        ),
        ("resourceId('s', 'rg', 'A.B/c', 'x')", "/subscriptions/s/resourceGroups/rg/providers/A.B/c/x"),
        (
            "subscriptionResourceId('A.B/c', 'x')",
            "/subscriptions/${subscription().subscriptionId}/providers/A.B/c/x",
        ),
        ("tenantResourceId('A.B/c', 'x')", "/providers/A.B/c/x"),
        (
            "extensionResourceId(resourceId('A.B/c', 'x'), 'E.F/g', 'y')",
            "@/providers/A.B/c/x/providers/E.F/g/y",
        ),
        ("split(resourceId('A.B/c', 'x'), '/')[4]", "${resourceGroup().name}"),
        ("last(split(resourceId('A.B/c', 'x'), '/'))", "x"),
        ("reference('A.B/z').y", "?reference('A.B/z').y"),
    ]);
}

#[test]
fn a_mistake_is_named() {
    check(&[
        ("concat('a'", "error malformed expression: read `]`, expected `,` or `)`"),
        ("conact('a')", "error there is no function `conact`; did you mean `concat`?"),
        ("parameters('prefx')", "error there is no parameter `prefx`; did you mean `prefix`?"),
        ("variables('nothing')", "error there is no variable `nothing`"),
        ("toLower()", "error `toLower` has 0 arguments, expected 1"),
        ("toLower(1)", "error `toLower`: argument 1 is an integer, expected a string"),
        ("variables('list')[5]", "error there is no item 5: the array has 2"),
        ("parameters('cfg').nam", "error there is no member `nam`; did you mean `Name`?"),
        ("parameters('cfg').none.x", "error null has no member `'x'`"),
        ("div(1, 0)", "error `div`: 1 and 0 have no result in 64 bits"),
        ("if('x', 1, 2)", "error `if`: the condition is a string, expected a boolean"),
        ("resourceId('A.B/c/d', 'x')", "error `resourceId`: `A.B/c/d` needs 2 names behind it"),
        ("range(0, 99999999)", "error `range`: a count of 99999999 is outside of 0..=10000"),
        ("copyIndex()", "error `copyIndex`: there is no loop around this"),
        ("format('{1}', 'a')", "error `format`: `{1}` names no argument: there are 1"),
        ("fail('my words')", "error `fail`: my words"),
        ("my.join('a')", "error `my.join` has 1 arguments, expected 2"),
        ("substring('abc', 2, 5)", "error `substring`: the part lies outside of the 3 characters"),
    ]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    /// Nothing that can be typed ends in a panic.
    #[test]
    fn no_expression_makes_evaluation_panic(
        names in prop::collection::vec(prop::sample::select(vec![
            "concat(", "format(", "'{0'", "split(", "substring(", "take(", "cidrSubnet(", "cidrHost(", "'10.0.0.0/8'",
            "-1", "9223372036854775807", "parameters('open')", "createArray(", "map(", "lambda('x',", ")", ",", "range(",
            "resourceId(", "'a/b'", "[0]", ".x", "null()", "if(", "true()", "json('[1]')", "padLeft(", "indexFromEnd(",
            "add(", "mod(", "union(", "items(", "'é'", "reference(", "parseCidr(", "lastIndexOf(", "uri(",
        ]), 1..12)
    ) {
        let _ = answer(&names.concat());
    }
}
