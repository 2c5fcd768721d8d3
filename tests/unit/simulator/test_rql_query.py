# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a query string means: notifications-api, section 12.1."""

from __future__ import annotations

import pytest

from tests.simulator.rql import Query, split_query

QUERIES = {
    "": Query(),
    "&&": Query(),
    'eq(status,"Active")&limit=20&order=id&select=+optOuts': Query(
        limit="20", order="id", select=" optOuts", filter='eq(status,"Active")'
    ),
    "select=%2BoptOuts,%2Baudit&offset=0": Query(select="+optOuts,+audit", offset="0"),
    # the order of the pieces does not matter; filters are joined by AND
    "limit=1&eq(a,1)&offset=2&b=2": Query(limit="1", offset="2", filter="eq(a,1),b=2"),
    # keys in any case, only the first value of each; those of limit and offset are joined
    "LIMIT=1&Offset=2&Select=a&ORDER=b": Query(limit="1", offset="2", select="a", order="b"),
    "limit=1&Limit=2": Query(limit="1,2"),
    "offset=1&a=b&offset=": Query(offset="1,", filter="a=b"),
    "status=Active&STATUS=Blocked": Query(filter="status=Active"),
    "eq(a,1)&EQ(A,1)": Query(filter="eq(a,1)"),
    # query= is a filter without a key
    "query=eq(a,1)&Query=eq(b,2)": Query(filter="eq(a,1)"),
    "query=eq(a,1)&b=2": Query(filter="eq(a,1),b=2"),
    "rql=eq(a,1)": Query(filter="rql=eq(a,1)"),
    # only the first "=" of a piece divides it, and is put back
    'eq(a,"b=c=d")': Query(filter='eq(a,"b=c=d")'),
    "a==b": Query(filter="a==b"),
    "a=": Query(filter="a"),
    "limit=": Query(limit=""),
    # decoding comes after splitting
    "eq(a,%22b%26c%22)": Query(filter='eq(a,"b&c")'),
    'eq(a,"b&c")': Query(filter='eq(a,"b,c")'),
    "eq(a,%22b+c%2Bd%20e%22)": Query(filter='eq(a,"b c+d e")'),
    "eq(a,%22%C3%BC50%25%23%22)": Query(filter='eq(a,"ü50%#")'),
    "lim%69t=5": Query(limit="5"),
    # neither an escape nor UTF-8
    "eq(a,50%)": Query(filter="eq(a,50%)"),
    "eq(a,+%FF)": Query(filter="eq(a, %FF)"),
}


@pytest.mark.parametrize("raw", QUERIES)
def test_split_query(raw: str) -> None:
    assert split_query(raw) == QUERIES[raw]
