# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the server says to a filter that is wrong: notifications-api, sections 12.2 to 12.4."""

from __future__ import annotations

import pytest

from tests.simulator.rql import (
    BOOL,
    DATETIME,
    NUMBER,
    STRING,
    RqlError,
    Schema,
    collection_of,
    compile_filter,
    enum_of,
    object_of,
)

CONTACT = Schema(
    {
        "name": STRING,
        "email": STRING,
        "secret": STRING.but(filterable=False),
        "status": enum_of("Active", "Blocked"),
        "revision": NUMBER.but(nullable=False),
        "chat": BOOL,
        "optOuts": collection_of(Schema({"id": STRING, "secret": STRING.but(filterable=False)})),
        "user": object_of(Schema({"id": STRING})),
        "locked": object_of(Schema({"id": STRING})).but(filterable=False),
        "audit": object_of(Schema({"created": object_of(Schema({"at": DATETIME}))})),
    }
)

ANSWERED = {
    # groups
    "mistake(a,b)": {"mistake": "Unknown expression group."},
    "MisTake(a)": {"mistake": "Unknown expression group."},
    'and(eq(name,"a"), eq(email,"b"))': {" eq": "Unknown expression group."},
    '"eq"(name,a)': {'"eq"': "Unknown expression group."},
    "and()": {"rql_validation": "Expression group cannot be empty."},
    "()": {"rql_validation": "Expression group cannot be empty."},
    "bare": {"bare": "Expression expected."},
    '"quoted"': {"quoted": "Expression expected."},
    "any(optOuts,id)": {"id": "Expression expected."},
    "null()": {"rql_validation": "Expression expected."},
    # paths
    'eq(nope,"x")': {"nope": "Invalid property path."},
    'eq(user.nope.id,"x")': {"user.nope": "Invalid property path."},
    'eq(optOuts.id,"x")': {"optOuts.id": "Invalid property path."},
    'any(optouts,eq(nope,"x"))': {"optOuts.nope": "Invalid property path."},
    'any(name,eq(id,"x"))': {"name.id": "Invalid property path."},
    'eq(secret,"x")': {"secret": "Filtering is not permitted."},
    'eq(LOCKED.id,"x")': {"LOCKED": "Filtering is not permitted."},
    'any(optOuts,eq(secret,"x"))': {"optOuts.secret": "Filtering is not permitted."},
    'eq(eq(name,"x"),"y")': {"rql_validation": "Unsupported property node."},
    # operators
    "user=null()": {"rql_validation": "Operator 'Eq' is not permitted"},
    'ne(optOuts,"x")': {"rql_validation": "Operator 'Ne' is not permitted"},
    'gt(user,"x")': {"rql_validation": "Operator 'Gt' is not permitted"},
    'in(user,("x"))': {"rql_validation": "Operator 'ListIn' is not permitted"},
    'out(user,("x"))': {"rql_validation": "Operator 'ListOut' is not permitted"},
    'like(status,"*ct*")': {"rql_validation": "Operator 'Contains' is not permitted"},
    'ilike(status,"act*")': {"rql_validation": "Operator 'StartsWith' is not permitted"},
    'ilike(status,"*ive")': {"rql_validation": "Operator 'EndsWith' is not permitted"},
    'ilike(user,"x")': {"rql_validation": "Operator 'Eq' is not permitted"},
    "any(name)": {"rql_validation": "Operator 'Any' is not permitted"},
    "all(optOuts)": {"rql_validation": "all() function must have 2 arguments"},
    # values
    'eq(status,"Gone")': {"rql_validation": "Cannot convert value: 'Gone'."},
    'gt(audit.created.at,"soon")': {"rql_validation": "Cannot convert value: 'soon'."},
    "eq(revision,many)": {"rql_validation": "Cannot convert value: 'many'."},
    "eq(revision,nan)": {"rql_validation": "Cannot convert value: 'nan'."},
    "eq(revision,empty())": {"rql_validation": "Cannot convert value: ''."},
    "eq(chat,yes)": {"rql_validation": "Cannot convert value: 'yes'."},
    'eq(self(),"x")': {"rql_validation": "Cannot convert value: 'x'."},
    "eq(revision,null())": {"rql_validation": "Cannot compare non nullable property with null"},
    "eq(name,(a,b))": {"rql_validation": "Unsupported argument type."},
    'in(name,(eq(name,"x"),"y"))': {"rql_validation": "Unsupported argument type."},
    "in(name,())": {"rql_validation": "Value has to be a non empty array."},
    "in(name,null())": {"rql_validation": "Value has to be a non empty array."},
    'in(name,("a",null()))': {"rql_validation": "Null values are not supported."},
    "like(name,null())": {"rql_validation": "Null values are not supported."},
}


@pytest.mark.parametrize("text", ANSWERED)
def test_errors_that_the_server_answers(text: str) -> None:
    with pytest.raises(RqlError) as caught:
        compile_filter(text, CONTACT)
    assert caught.value.errors == {key: [message] for key, message in ANSWERED[text].items()}
    assert not caught.value.is_parser_exception


OUT_OF_RANGE = "Specified argument was out of the range of valid values. (Parameter 'start')"
NO_SHORTCUT = "Invalid equals shortcut expression"
TWO_ARGUMENTS = "Binary expression must have 2 arguments"

THROWN = {
    # arity
    "eq(name)": TWO_ARGUMENTS,
    "in(name,a,b)": TWO_ARGUMENTS,
    "not(eq(name,a),eq(name,b))": "Unary expression must have 1 argument",
    "not()": "Unary expression must have 1 argument",
    "any()": "Collection expression must have at least 1 argument",
    "eq(name,null(x))": "Constant functions cannot have arguments",
    "eq(name,empty(x))": "Constant functions cannot have arguments",
    "eq(name,self(a,b))": "Pointer expression must have 0 or 1 argument",
    # a=b with something else on the right
    "name==x": NO_SHORTCUT,
    "name=": NO_SHORTCUT,
    "name=in=(a,b)": NO_SHORTCUT,
    "name=(a,b)": NO_SHORTCUT,
    'rql=eq(name,"x")': NO_SHORTCUT,
    # quotes
    "eq(name,'O'Brien')": OUT_OF_RANGE,
    'eq(name,"a\\"b")': OUT_OF_RANGE,
    'eq(name,"': OUT_OF_RANGE,
    # comparisons that the types do not have
    'gt(name,"a")': "The binary operator GreaterThan is not defined for the types 'string' and 'string'.",
    "le(chat,true)": "The binary operator LessThanOrEqual is not defined for the types 'bool' and 'bool'.",
    "lt(name,email)": "The binary operator LessThan is not defined for the types 'string' and 'string'.",
    'ge(status,"active")': "The binary operator GreaterThanOrEqual is not defined for the types 'enum' and 'enum'.",
    "eq(name,revision)": "No coercion operator is defined between types 'number' and 'string'.",
    "eq(user,self())": "No coercion operator is defined between types 'object' and 'object'.",
    'ilike(status,"active")': "A method of type 'System.String' cannot be called with instance of type 'enum'",
    "(" * 200: "The expression is nested too deeply.",
    "a" + "=" * 200: "The expression is nested too deeply.",
}


@pytest.mark.parametrize("text", THROWN)
def test_exceptions_of_the_server(text: str) -> None:
    with pytest.raises(RqlError) as caught:
        compile_filter(text, CONTACT)
    assert caught.value.errors == {"rql_validation": [THROWN[text]]}
    assert caught.value.is_parser_exception


def test_a_collection_operator_on_something_else_is_a_failure() -> None:
    with pytest.raises(RqlError) as caught:
        compile_filter("and(eq(nope,1),any(revision))", CONTACT)
    assert caught.value.errors == {"rql_failure": ["Collection property has incompatible type"]}
    assert caught.value.is_parser_exception


def test_all_faults_of_a_group_come_at_once() -> None:
    with pytest.raises(RqlError, match="nope: Invalid property path") as caught:
        compile_filter('nope=1,in(status,("x","Active","y")),or(eq(nope,2),what(1))', CONTACT)
    assert caught.value.errors == {
        "nope": ["Invalid property path.", "Invalid property path."],
        "rql_validation": ["Cannot convert value: 'x'.", "Cannot convert value: 'y'."],
        "what": ["Unknown expression group."],
    }


def test_all_faults_of_a_list_come_at_once() -> None:
    with pytest.raises(RqlError) as caught:
        compile_filter("in(name,(null(),(a,b)))", CONTACT)
    assert caught.value.errors == {"rql_validation": ["Null values are not supported.", "Unsupported argument type."]}


@pytest.mark.parametrize("text", ['eq(name,"a"))', 'eq(name,"a")),eq(email,"b")', ")"])
def test_lenient_refuses_a_surplus_parenthesis(text: str) -> None:
    with pytest.raises(RqlError) as caught:
        compile_filter(text, CONTACT, lenient=True)
    assert caught.value.errors == {"rql_validation": ["Unexpected closing parenthesis."]}
    assert not caught.value.is_parser_exception
