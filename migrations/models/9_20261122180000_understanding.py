"""Spellings that no vocabulary has, and what NHTSA's service said of VINs."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

RULES = ""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        CREATE TABLE IF NOT EXISTS "unknown_spellings" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "source" TEXT NOT NULL,
    "field" TEXT NOT NULL,
    "spelling" TEXT NOT NULL,
    "seen" BIGINT NOT NULL DEFAULT 0,
    "last_seen_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "uid_unknown_spe_source_dde228" UNIQUE ("source", "field", "spelling")
);
COMMENT ON COLUMN "unknown_spellings"."field" IS 'of an offer: color, make, drivetrain, …';
COMMENT ON COLUMN "unknown_spellings"."seen" IS 'how often it was read';
COMMENT ON TABLE "unknown_spellings" IS 'A spelling of a field that was not understood: what its vocabulary may grow by.';
        CREATE TABLE IF NOT EXISTS "vin_answers" (
    "vin" VARCHAR(17) NOT NULL PRIMARY KEY,
    "answer" JSONB NOT NULL,
    "asked_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX IF NOT EXISTS "idx_vin_answers_asked_a_fe085d" ON "vin_answers" ("asked_at");
COMMENT ON TABLE "vin_answers" IS 'What NHTSA''s service said of a VIN, by its own keys; empty where it said nothing.';"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        DROP TABLE IF EXISTS "unknown_spellings";
        DROP TABLE IF EXISTS "vin_answers";"""


MODELS_STATE = (
    "eJztXVtz27a2/isYvTiZ0e44bi49zpOduK27HbtjO+3eO82okAhJrClCIUArap3/frAAUr"
    "wIpAlaF8jGS2KRWLx8CwTWff3TmVCPBOy79wQHJOocon86IZ4Q8UfpTBd18HSaHYcDHPcD"
    "OdSTY+Qx3Gc8wgMuDg9xwEgXzrJB5E+5T0MY/PuYIkaCgHURDj00G5OIfAekHh0IWj8c1Y"
    "6KQ/9LTHqcjggfy0f+9KnDaBwNCJwmXzmJQhz0fK/z+bM44Ice+UoYjIOf05ve0CeBV3hV"
    "MVacksd7fD6Vx4790WnIf5Rj4eH6vQEN4kmYjZ/O+ZiGCwI/5HB0REISYU7gDjyKAYAwDo"
    "IEqhQT9RbZEPWUORqPDHEcAIxArR4gO9bp9c4vrntXJ9e9XmcJ4pQih2dyaEBDYI94VCYB"
    "GMEj/Ov/Dg6+//7Nwf73r3949fLNm1c/7P8gxsrnXT715pt6mAwtdSmJ2elPp+fX8EBUzA"
    "E1N+DAN0mDOVZUkhkZ+hnzihy4FrzU459RlHggXq7MgxTxOiakBzIuZHN3A2yoQfT65D8S"
    "zwljXwI4cP7b0eW7n48un304+s9zeWaenDm7OP8pHZ7Bf/7u7OJYMiADPP+NGKBeInPQt4"
    "Be/m+AeTregd0C7KmAzAjtBUEruJOV+6miLe5NCDdaxhcUDm9zvAc+n5ugnY53WLeZ2wIa"
    "s6mdEDi0zdH+25+aYJ0Md0ibIx1gzYL9Y0BxBdTJ+BLUQyB4VGC/v/h4fHaCfr08eXd6dX"
    "pxXoBXnYRD4oDPJQSXJ0dnZWzFrY2wVeMdtg2wjaPAZIVIhrsVotkKAXaS4U1OV4cDfTy4"
    "meHI6xXO5Ka7z7h4cKaxpCSUP/77kogFBF54mRmJtelMXWVn+ZIdTR6xMG3pcJiYydojdA"
    "HXeET4wNyiB7Rqti2fmhxMykdwiEfyleDecKfSbNKYNXMTrdqumZ/TTQybmKMpodOAIEZw"
    "NBgfIqFPogGOuggz5HOG+oRxJKcBGstDOstn28toTKNNLaA3RKNLvBvjSL+gJsNXY5XYrg"
    "l0gr/2AhKO+Fj8PHj1qmaBTZdTMep5aeVMTh2oc/X2zls/NNm8kuFu8zIXb7nPAyO1bUHg"
    "0DZHey4Wq2WwryY4CCo9KSnN/b4U+/FOvCnfH7x5vfCfwI86j8nVh6Ozs9RFktuk8I3RvE"
    "3Hu2lrPm3lvm8Edkrg0G6xJEf+xGhFTsY7rM2x7lNvrhAzALxA5FA3R92L/Fsi728Ce5HK"
    "4W6O+zAmgfFsLxA51Nus5zhkE5+xxGjRfF0v0jnsW3gAaej53BD4ApFDvQ3qAdXoOXWIJw"
    "QWo93hYyIuNPGDOaJDBL9kuI9PIwTPH0dlO5UdzEgfsmfMlWVKm9mDmeSJCnxDs8jnBMx+"
    "djJF3LclU5YpLWaKtSsUCUe+WeBTRuHwbmFB8AOCRxrAK81eOQqLLV/yMVmzNSYxfh28eP"
    "nm5Q/fv365sIAtjtSZwZYtYNPI18UEVyK6GG8znrMxDQjyqLhvxN7KKyCfoT3Mbva2A/OE"
    "RZpYm+p5mwy3GGRTc+3KoBwSzOOIaNy7R1GE5xX6Z46oBCo4Hxugurog36svwXv169kfnb"
    "1/vu0dHnKxY3z6/Efn+fpW40+fl6N2OTVDMSNxGCobVO42BmJAiczJAm0iRengphfGkz4x"
    "knzLdA57c+xdVJiL0G0rmtFZiKYBHogLyVxDULfFv0I6CynyFjmQ9rHChfC6EN5dxBYPuH"
    "+r0fCOqdCRcKgHOCMqYdwXVJsU9PQhgKvA9vji4qywSByflleBjx+OTy6fvXhexHhZI9l4"
    "Yu3uzOC1LMVV4b2V6nRG0EqhXtls3l/eDwPxnUHY6TbNPz0voibWiSKRxTaKTmICghBehL"
    "k07QeYcTQY43BEwAOzsGdtwZDhR4z3GCFhTydbvBfocX9CKgwaZeISG7yE+rv0j42q5+d0"
    "9mxdevjph5Or66MPvxaWlfdH1ydw5qC4RSZHn70uxREvLoJ+P73+GcFP9L+Lc7mbTinjo0"
    "jeMRt3/b8OPBOOOe2FdNbDXh6N9HB6qOjHlHPNa8HjIqVjsKUMVlqLtshDXXGTApnFi6ip"
    "oXcjVU5KwoAx+Hkqh70J9ktJayVWaBQ5GhF/FP6bKKvyqXhwHGql38eZeiUOR3i2SAYqzD"
    "3x8uKVidIsxAOg849nZx3N8rICWLMKU48T18KCWgD2Uqzxl6fvxPStzrBcZ36cmtCa7LjF"
    "TK/Ojct0l4aZcZDDlsSvMDxnCPdpzNPMtreI03gwJh6Iw+SWRHN067PK9Lj213Llw3Zxce"
    "8il05nJqy6dLpdR9ul08nVxaXT7da0del0Lp3ucWLt0um2gbpLp3PpdE8HdZdO59Lpnhrq"
    "Lp3OGma4dDoLmeLS6Vw63VPC26XTuXQ6l05nCcim5lqXTmdZKphLp3s4hi6dzqXTPT3sXT"
    "qdS6dz6XRw0KXTuXQ6y7F1TRQ3vFC4JorbW6NVW4aetmlBNfQlMgd9G28NxBx7/ogwzTZZ"
    "47MpklktuSh3DTwxohGK6Az5HM0wQxHBHhpGdGKn5OIRjv2gRTpXgXAF2Vwbs/6RUDZDUc"
    "+PpnhEFnx6OIt2Ldtrt/PpF2HrFqfTTyMq3npiaEvLETlrmhLgXX7xU1iQIKG9LZfLtI7J"
    "ljLZJZE/cgZHcWicxJzRWOzYlCFa4kmFtI85YliK+bDuNBMdt5NU7lL6LUordwnQ6Txbaw"
    "K0azG7zRaqv0Ig0Du5V3c0ieL5090GrVR7qkbTWPyikTTD3Z89fqSKIamFGqPkSohTeoNo"
    "2EU49MDJFL6VgZychKg/F+MEmKMRiZYzyFdwvfs7rX4qmxvThHKXQW5dBrmzJ2/NaPkY4x"
    "K3FjJnroQ55cs65WtJ4NxOaZhfaF+338Ph2n3+L9pvWBRGbMM+GchihzMa3UBrcyzdLTOf"
    "j2FfJpgRsQePKdRwQWMqHltVSoQTyKNE3z99hdd9QEN1t6Nvc0e/ES9vspWn490e3mIPNx"
    "SbdkBcEvsimoi1XFaUEisarCUYwSSRyoF4AzTD4HoEB3EcNszp2DRfcKRTlX+5ujivEAaS"
    "8WVxwB9wdIc27q3659t6vgEAoB7rMqylnR0usBynLCAx+QoWBFv+DgR5TDzNJ6BO3InpHQ"
    "qg7zzxKdwNsR+QFfjW16RJUKGua5aiOmViQWJdAe6xPxIiBxqBOCKdnkZ26ZXpFGDLN9cr"
    "MiqnW1ikWxSVRU4mU25Srj5PYtv3sjWle4K/9lpgWSbbLp6v7MFTamE9OgvNEn5KZBZHGF"
    "orxysI45D7mryfe+I1iqQ7E0T4JFf+aUThcka6QZ7mQfrB7vB1LXqCOAXPb4B8RuFwb487"
    "iSLDejYpgdtJWmQJRASwaRMVVqB0yoOlWwjjOGrH4CKlExRs5vLQD302bsXmEqnjs218Nn"
    "Az5qUXgT3T6bkmAVi/0P6lupA9Fn+7g7ByiOl9sjk8a12zvTwHm7hok/EqVmoSi79CylEf"
    "3KQhQXzmQ4Z/fy79p+AWkePAM8KI4E+EBmPKiM5Hu7oLP8BJq/VcvRvjaAOeq+16acH8FJ"
    "BwxMfi58H+fs1ylsqDYlRZ+k5OHahz9S5ZmH2mTvGMZrvmsZ3zjddELf+lIjgeGLKcxIHs"
    "GAOaBixn864Qrfzu6Ord0fuTbXVr+hVXxODi+4JvITW2eVQO5NGqoJk4REPCZSsln3fRgE"
    "6mYAQiXhoki0uZ0VUBOSu4ZJOQ2yzxBKJtuyjf2cnF31obreNql9QoE+uwz2whqcs2yLeT"
    "v7XBkmq2Af6E6vNstlKJbMSYVb9VCS17TG665b3YDtZAbRUTF0g6fgccIB0pwMhoYvFYiG"
    "HfQ3k+PZgha/GOJBJZGztfgdLZ6y2y8JXDE2ON2a6+m2BG9Zi2/FU0FCQca0oZ1uwqyXiL"
    "txNrN3JZC0Qotb64o9FWvkTo0DdHf4zZWKcohDiqqHiUUpQrSs25skHYsWqk0hP050N9Mq"
    "QRWRgjEu/Fw+pOJVvvghmCF8en50eX/9Vz41izVR//9/rkSNOE0IwfKYXl/Pg78PvWos78"
    "v02yVNPhNm+bagIkSfBi8kNCftPY/pUHmRPsmYV7ZhQ2K8eyxswUR4xECmhp1QS7px/K1e"
    "eWRLDaQOmZ8SqKFq6lBD/WadDV2lo63pI0okbqmvgnYdNKikeuTEmzJBn4Mg47GscDHO7W"
    "+R3S3Lj73Q4Xodh+IzwLQFsGD7Cy8HYhww5++pMpjbjKwxv6gTghs3nBIayaPLBlv8OKrt"
    "nE8eDcDNYYW52bwZqdYwsuf8u0te14GXY2GTVJNtXs05o01DsWs6k/8GnM7qgQpKIYDg4g"
    "bsHaJFWL4madoXUdhlYXMvs0+MwI50G7D7lAuTNcVuX2MUoX3VBG6SQv8/DFdlf539ca46"
    "rFmyKdxSJOpz9Hs7E/GEPIVuZdlpUQp0I1amoi3Y4EtAh4a2iwW4x3ae1ppEpY7XKphLFI"
    "ZBuWisvK2jODbnSqC/xc/VA+gO3YP32ubStRbRfg+o4SW4d4a9M1Nds1BDAdbht+irNQm4"
    "4RJHsomje1WTW0IZkZIJuMtg3YrU3MpM2BAYI5CofiYjcyx7FA45BMFdRFCa+GMGYEDsME"
    "wxENTbzB6XCHXxrDkIYeNNebFiS7DuKmTcFEPIanAbum7W6OpmXrXRvwroFuFf12q5vB1R"
    "bRqeoF54psdhuEKfuBdu+qRjyjsBjvzpjO0ASH8zRSXCkBmZ4qo0bG+JYgggdjNFy8qnUc"
    "8iJ/aFTdaEFgCX8+fdbwRzmTFUOGOEJDItiScEmyRZwJ05AeiHkwMia4Uki2OCFW5fGzJG"
    "rnSkUvaAJ3rhZxDdWxOyr2oXHWMBOfAwTWDIlM5WXoz+QC380nwZ+I4TmTgW9pcx0IefMZ"
    "8mJtdYgHXu0BJSHk/0sfR3VNiHT8oysK8fplg5oQr19WloSAU/XxOLck4v4AG2VE5mlcTE"
    "7bCISeYR5qgcjB3qY6uYwuNcE8o3CAt0n/FSuFSS34xXibfbKJZi7ESz4jYtfjM6oiXBt2"
    "oFi1IYdB7mccmMWa5WgsFihVvANP8JUyyCCiYSZ6CHH/4/W7B4v466nvoI3/qzH5pAQt7T"
    "0bYklavAzCUOSXkMUlQOQ2jVU7x4nfsFfC2k1EZEA8Eho2uMsTbdfa+WJf46EMKCi/Mz/M"
    "liHBFhyo/PYtLUQkhHfXhRpTGhAcVqz5GVU5OU6QbRLphZi/6r31+OLirLC8HJ+W14+PH4"
    "5PLp+9eF6czzo/8Ffea9cOpETqolctimqzxFhxjPlg3NHYKtSJbp2pog9Dmpoq3tNBPCEh"
    "NO+SBjtfLGZ4Djs9WO+E9uuH5C2kAk+g96+X5gYrAwMADhYJVRMusT1ATPqyEWON92mSkZ"
    "R8P0kqswrwd4lJdiYmkSkdaJPsqxmwILE6xTjxZ0Ab7TQDdoI9mORGYsKGfaZ0mvtymqo1"
    "BSKbNfZOPGUk4ndJWUsr9RcvXTuXOXAURbii0EGBqsQCu9KOV2U1+fT5sWR+ic8n1C0g4v"
    "DdyL8lYS+e2jlXXTDLxhZmPBTbSI9jdmOGd5HO6h0Tks/hQfcYin0PRMGR7IgSKR8zH/tm"
    "GvaGOQSP3otNpck8lc3mVyA5lBINDpm0gmCGAmrYmnPDLHG9eB6h0l6IRl1oesbJ9kukNq"
    "+NFm5OS7YTHVc0hnjTavs/FS62Y+z4ls66e4ruL01G09r7Ocs7Cb2kjkDpYzBoU/NrdhEr"
    "tp8HA77WFjXvCfbOCOfSHLVkxMud7dZZ8jwxrhfIgY0jj1K1T9kXMuMaisgwZoQlZX2yE0"
    "K2mtHI01QMeujFNIa5siUuvYEyxjWJSHK2uW3a5hb8WuJBtVKdp7HZFGRv8MZmQ1SfOtzm"
    "qsHuqASdNDxUJdHCIu6hoR81Vdoek6bQok29PS3qXyyzFvIm6JAv8beLcJDk3G0+FEHcrZ"
    "W2nafb2Q8LSm4/ve/KaeBOA7eZHRvTwNepYOY4oFEwi/ypVjCzVzQoTCvZlnQgZZCWAkue"
    "Si1EQ/ETozQt4W3S+uWWyAqzykwMZbJwBBEq+hq1q738A3JfnKa5TU3TpcNsQfWRr6n3WF"
    "WjXiCyOYYdVgt4U1nTWiDNwbI1FqtLkqua2LaEXPMWYqpneIrIV1U1hUFyQRcpl9eosTS9"
    "hXSm3Qx4CChOrctLAdbyzJ0HqMIfwJcp/AEL/x0NPHGKTqfESwvh2l3zVk2yXp0fssawoy"
    "O2/ZOTl9yDhBH51Ef8EPSkCb0lLDMfp58jtN+Qn56d3Lv1yazn+aOku3zjjalIZvPe1Jl4"
    "r9LKC/DYgnGCVHx6OZO9ZUyBKqLieVgLxmhIbWaOtYKDbC5mHopUINuurv8vjUUtztpVBu"
    "IRGJfBSAvd5CaEmoScor4SKcQvIyPbhkNfYCcVm0Ycct9Iqi7T2b7fwKTKPJeChTztoq7e"
    "xM5FrCbIt+4Lqovy3XoAZfZ0mQMZeCCFbuMSnpsO3qNcp33WRu6lJDaH7WU8SdQeaQ1CCX"
    "tkbQOb2eK6qGwHd1cnaZO7gQtTfeROMjBetOBujmxnemU8Sf7ekCmvErXrWVyk3BkuZ6ae"
    "NHe34JyBcmTKTAfHV2BI2LUJEZG/yIAbF2XIk225KkOFSzBtgIJSuytY98BtB9oXODvRMK"
    "ITcVBcFWZC4N+ked0y+zUOhU69Aq1shbUdXNuqx/tNGhR4yGU1ZiUV2kfQL0o37KYtcTmA"
    "vmC+KIWqt4epGBz/GLHacD7GzmC0zniZi5j36deOJlYmOdOti5Oh2Zh7Q2Su6ITwsQAAJQ"
    "03kqbymUmSjemMvZV1ICBasz8Xr++PRuLLKZU4GQRY7BHecpzMmu7xgGAZRr6Y2WQSAhcu"
    "s5pwmRvx8ibWmXS8zd6uDoiLqSsyCe3ZYwgenR3KYuiCLzCdcUCiLvojPtg/eG2ndf+GaK"
    "pv1nCH6IpvWsUca01njyJ94+pL8F79erY3COjgpgePwDieTJ8933vKRjRLCrSl4pdGoMhJ"
    "ZtUSRU4GNM/qxCgL3BWnCBOatdry0ZzwpJEjbIJ8rOLb+P3JnS2v6XI8H50o4XI8txHD5G"
    "sL497TPNvXZ2lsd+9qUkhaLCU08CCiJg4ZrEFKj5FRGmAVfHr2YU5jKAVutvDliKxLRxzQ"
    "WAV+kIS5DKKqR7HYeptxd1st4nQrX70mq133bIot6PyZzJQ/884ZadVU7bTgZ34Nt5U7/T"
    "jQhRjWeVBSEju9J4mKC+0WVNMzKYzB0WRFTBh3iCjIVwyN6IrytVfoL2Exm5KB5rOp/mYy"
    "Cps/mySf1w/FypWFfqo8g0MkNy4ZwQ6VXMV+gBhNOtdJXhl9SKtrJwpftXGIVJ7KYo5YKU"
    "q71GcL2OBSnzef+ry07KwA36ZeUsvWm6bI5tfZAqjiAdD5x7OzbSWU/y6rknc09qzkTLfO"
    "nKVqmjdMIv99TFURdJZL5t5jKDENqT6GMlkznvRJBPLRDPZdkFRBBJrguWo0OsAgGi3btt"
    "Zxgwf4xqpTmasbKa4+lflJNVPc3R4CO1eGms5Cs1Z+CwIXGG5uJxwTHPE+wbxFbFqZ1gWn"
    "2WwQFDsA04qsdYtYjsi2ZawziuiMoYX9V4YGq4DhJIjFNsOTJa7Gj6FMNL2akiCocDmWh9"
    "TKarEa3GPJ6OZNrRMCkJcwkk+f5VaCtzAOQXzilHqHSqCCrNhbOsD9OMDSwDVHMAtQf65t"
    "c73q62udk2zR7XuYfkLpjZ2H0p6Pr066K7GwSZ7/gsJ5J1tIHYsvpSneCwKb4YaGXDhUnT"
    "oPkXh4GnXFGnIjrutFYneSgNsdV8ZyK37jbyFHYzN7rP0aGCGGYllKYZ1MpqkZa3dWvqwY"
    "AnC2SZ4s0VoVNfHUk2MtEbZ/88MjWUdSJ2ZnJ2sF7FtfzDBVjLKpQVTIsuc/X18d7UH5yu"
    "jWHxDEsKo+g9Fvp+ddiOBPasygGzJnbxEUop6DOqXapMrhQkiGrACdRXQNd3iISdTXrKA1"
    "1lB/hY0kLTKEvqhbENOd6sWbSkMonKoXlfFivhax/uXq4rwiGnpBUV4f/QFHd+jx9Y4ELO"
    "qFhLI8UFrz4AJLYeiQ1Npik8rTbWaDajb93f5kxf50RCJf3xk8OVO7M+FszH2bUjVjV1xS"
    "+anYTB4Y4FNbKVlvKK71LlaYiXdTAyzuqgevXjXYVsWoyn1Vniut59OpCcLJ8EeI7ov9/S"
    "ZCy/5+tdQC50r1jlT5VxM5JUfiBBVDQWWrm9m3/wfC/NwE"
)
